import type { ResourceWork } from "./step";

/** What Terraform plans for one resource. */
export interface Change {
  readonly address: string;
  /** `create`, `update`, `delete`, `replace`, `read`, … */
  readonly action: string;
}

/** @see https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
interface Event {
  readonly type: string;
  readonly change?: { readonly resource: { readonly addr: string }; readonly action: string };
  readonly hook?: {
    readonly resource: { readonly addr: string };
    readonly action: string;
    readonly elapsed_seconds?: number;
  };
  readonly diagnostic?: {
    readonly severity: "error" | "warning";
    readonly summary: string;
    readonly detail: string;
    readonly address?: string;
  };
}

const EXPIRED = /ExpiredToken|security token included in the request is expired/;

/** Undefined for an incomplete line: Terraform was killed while it wrote. */
function parsed(line: string): Event | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The output of Terraform with `-json`, collected line by line. */
export class TerraformEvents {
  readonly changes: Change[] = [];
  readonly work: ResourceWork[] = [];
  /** Each error in one text: summary, detail, and the resource it is about. */
  readonly errors: string[] = [];

  /** The problem and, if it is known, the fix. */
  get problem(): string {
    return this.errors.some((error) => EXPIRED.test(error))
      ? "the credentials expired during the apply. Log in again. Then run in the stack's folder: terraform force-unlock ID, terraform state push errored.tfstate, terraform apply"
      : this.errors.join("; ");
  }

  constructor(
    private readonly stack: string,
    private readonly progress: (progress: string) => void,
  ) {}

  read(line: string): void {
    if (!line.startsWith("{")) {
      return;
    }
    const event = parsed(line);
    if (event) {
      this.readChange(event);
      this.readHook(event);
      this.readDiagnostic(event);
    }
  }

  private readChange({ type, change }: Event): void {
    if (change && type === "planned_change" && change.action !== "noop") {
      this.changes.push({ address: change.resource.addr, action: change.action });
    }
  }

  private readHook({ type, hook }: Event): void {
    if (!hook) {
      return;
    }
    const { resource, action, elapsed_seconds: seconds = 0 } = hook;
    if (type === "apply_progress") {
      this.progress(`${resource.addr}: ${action}, ${seconds} s`);
    }
    if (type === "apply_complete") {
      this.work.push({ stack: this.stack, address: resource.addr, action, seconds });
    }
  }

  private readDiagnostic({ diagnostic }: Event): void {
    if (diagnostic?.severity === "error") {
      const { address, summary, detail } = diagnostic;
      this.errors.push([address, summary, detail].filter(Boolean).join(": "));
    }
  }
}
