import { WorkFolder } from "../work-folder";
import { withConnections } from "./connections";
import { addressOf, type Login } from "./login";
import { removeFolder } from "./password-files";
import { Replication } from "./replication";
import { endLeftovers, putBack } from "./sessions";

export interface StopFollowingProps {
  readonly source: Login;
  readonly target: Login;
  readonly workFolder: string;
  readonly replicationName: string;
}

/**
 * Ends replication without a cut-over, and lets the source accept writes again. What was copied stays in the target.
 * @returns what was done
 * @throws CommandError when one of the two sides cannot be reached.
 */
export async function stopFollowing(props: StopFollowingProps): Promise<string> {
  const { source, target, workFolder, replicationName } = props;
  const folder = new WorkFolder(workFolder);
  return await withConnections(props, async (connections) => {
    const state = folder.read();
    const isOwn =
      state?.selection.source === addressOf(source) && state.selection.target === addressOf(target);
    if (isOwn) {
      await Promise.all([connections.source, connections.target].map(endLeftovers));
      removeFolder(state.passwordFolder);
    }
    await new Replication(connections, replicationName).remove();
    if (state && isOwn) {
      const { readOnly, cutOver: _, copied: __, ...rest } = state;
      if (readOnly) {
        await putBack(connections.source, readOnly.previous);
      }
      folder.write(rest);
    }
    return `There is no publication, slot or subscription ${replicationName} any more, and the source accepts writes as before. What was copied is still in the target: --undo empties it.`;
  });
}
