import type { Check } from "./check";
import type { TerraformBlock } from "./terraform-block";

/** The blocks of one type, and the checks for each of them. */
export interface Demand {
  /** As Terraform writes it: `aws_db_instance`, `data.aws_vpc`, `provider.aws`, `terraform.backend.s3`, `output`. */
  readonly type: string;
  readonly only?: Filter;
  readonly checks: readonly Check[];
}

/** The blocks of a type that a control covers. */
export interface Filter {
  /** In words: "except read replicas". */
  readonly says: string;
  readonly takes: (block: TerraformBlock) => boolean;
}

/** One requirement of the catalogue for the stacks. */
export interface Control {
  /** The ID that a waiver names. */
  readonly id: string;
  /** The IDs of the same or a weaker requirement in other catalogues. */
  readonly also: readonly string[];
  /** In one sentence. */
  readonly demands: string;
  /**
   * Required in production only: availability, recovery, observability, key ownership. Network access, encryption and
   * secrets are required everywhere.
   */
  readonly production?: true;
  /** The setting whose entry in `reasons` waives the control. */
  readonly reason?: string;
  readonly on: readonly Demand[];
}

const SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide";

/** The documentation of an ID. */
export function sourceOf(id: string): string {
  const [service = "", number = ""] = id.toLowerCase().split(".");
  if (/^ckv/.test(service)) {
    return "https://www.checkov.io/5.Policy%20Index/terraform.html";
  }
  if (/^avd-/.test(service)) {
    return `https://avd.aquasec.com/misconfig/${service}`;
  }
  if (/^cis-/.test(service)) {
    return "https://www.cisecurity.org/benchmark/amazon_web_services";
  }
  return service === "mds"
    ? "docs/guides/controls.md"
    : `${SECURITY_HUB}/${service}-controls.html#${service}-${number}`;
}

/** A control as data, without its functions. */
export function described({ id, also, demands, production, reason, on }: Control) {
  return {
    id,
    also,
    demands,
    production: production === true,
    settingWithReason: reason,
    on: on.map(({ type, only, checks }) => ({
      type,
      only: only?.says,
      checks: checks.map(({ attribute, must }) => ({ attribute, must })),
    })),
    sources: [...new Set([id, ...also].map(sourceOf))],
  };
}
