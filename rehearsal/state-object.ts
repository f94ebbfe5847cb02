import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { DataStore } from "../settings/data-stores";
import type { DeployedAccount } from "./rehearsal";

/** A stack's state in the state bucket: the object, its earlier versions, its lock. */
export class StateObject {
  private readonly s3: S3Client;
  private readonly bucket: string;
  readonly key: string;

  constructor({ emulator, workspace }: DeployedAccount, { stateKey }: DataStore) {
    this.s3 = new S3Client(emulator.clientConfig);
    this.bucket = workspace.environment.stateBucket.name;
    this.key = stateKey;
  }

  get url(): string {
    return `s3://${this.bucket}/${this.key}`;
  }

  /** Whether the state is locked. S3's native lock is an object beside the state. */
  async isLocked(): Promise<boolean> {
    try {
      await this.s3.send(new HeadObjectCommand({ Bucket: this.bucket, Key: `${this.key}.tflock` }));
      return true;
    } catch (error) {
      if ((error as Error).name === "NotFound") {
        return false;
      }
      throw error;
    }
  }

  async read(): Promise<string> {
    const { Body } = await this.s3.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: this.key }),
    );
    return (await Body?.transformToString()) ?? "";
  }

  async overwrite(Body: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: this.key, Body }));
  }

  /** In a versioned bucket, this hides the versions behind a delete marker. */
  async remove(): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.key }));
  }

  /** The versions, the newest first. */
  async versions(): Promise<string[]> {
    const { Versions = [] } = await this.s3.send(
      new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: this.key }),
    );
    return Versions.filter(({ Key }) => Key === this.key).map(({ VersionId = "" }) => VersionId);
  }

  /** Makes an earlier version the newest. */
  async restore(version: string): Promise<void> {
    const CopySource = `${this.bucket}/${this.key}?versionId=${version}`;
    await this.s3.send(new CopyObjectCommand({ Bucket: this.bucket, Key: this.key, CopySource }));
  }
}
