export {
  confidenceWord,
  describeFaultDomain,
  describeObservation,
  describeScoreReason,
  describeVerdict,
} from "./describe.ts";
export type {
  ConfidenceWord,
  DescribeOptions,
  DescribeVerdictOptions,
  FaultDomainDescription,
  ObservationDescription,
  ScoreReasonDescription,
  VerdictDescription,
} from "./describe.ts";
