/** One row of a table of alarms. */
export type ExpectedAlarm = readonly [
  metric: string,
  statistic: string,
  comparison: string,
  threshold: number,
  period: number,
  evaluations: number,
  missing: string,
];

/** What the row is in Terraform's JSON, where the topic is the stack's own. */
export function alarmAttributes(
  [metric, statistic, comparison, threshold, period, evaluations, missing]: ExpectedAlarm,
  more: {
    readonly alarm_name: string;
    readonly namespace: string;
    readonly dimensions: Readonly<Record<string, string>>;
  },
) {
  return {
    ...more,
    alarm_description: expect.stringMatching(/^.{80,1024}$/),
    metric_name: metric,
    statistic,
    comparison_operator: comparison,
    threshold,
    period,
    evaluation_periods: evaluations,
    treat_missing_data: missing,
    alarm_actions: ["${aws_sns_topic.alarms.arn}"],
    ok_actions: ["${aws_sns_topic.alarms.arn}"],
  };
}
