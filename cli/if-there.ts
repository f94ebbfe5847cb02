/**
 * The result of an AWS call.
 * @param absent matches the name of the error for a missing resource.
 * @returns undefined for that error; every other error is thrown.
 */
export async function ifThere<T>(
  answer: Promise<T>,
  absent: RegExp = /NotFound/,
): Promise<T | undefined> {
  return answer.catch((error) => {
    if (absent.test((error as Error).name)) {
      return undefined;
    }
    throw error;
  });
}
