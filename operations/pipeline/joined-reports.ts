/** The size limit of comments and issues, in characters. */
const LONGEST_BODY = 65_536;
/** For the marker, and for the line that names what does not fit. */
const RESERVE = 2_000;
const BETWEEN = "\n\n";

export interface Report {
  /** The name to list if the report does not fit. */
  readonly name: string;
  readonly text: string;
}

/** Several reports in one text that GitHub takes. What does not fit is named. */
export function joinedReports(reports: readonly Report[]): string {
  const fitting: string[] = [];
  const left: string[] = [];
  let length = 0;
  for (const { name, text } of reports) {
    const more = text.trim().length + BETWEEN.length;
    if (length + more <= LONGEST_BODY - RESERVE) {
      fitting.push(text.trim());
      length += more;
    } else {
      left.push(name);
    }
  }
  const note = `Too long for this page; in the artifacts of the run: ${left.join(", ")}`;
  return [...fitting, ...(left.length > 0 ? [note.slice(0, RESERVE / 2)] : [])].join(BETWEEN);
}
