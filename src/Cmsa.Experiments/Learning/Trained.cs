using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Runs;

namespace Cmsa.Experiments.Learning;

/// <summary>How a training ended.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="At">How far it came.</param>
/// <param name="IsDone">
/// Whether all steps were taken, or the patience was lost,
/// and the last validation was done; otherwise it was interrupted, and running it again
/// goes on from here.
/// </param>
/// <param name="Waited">The share of this sitting's training time in which it waited for samples.</param>
/// <param name="Skipped">How many times a sample that could not be read was skipped.</param>
/// <param name="Cut">
/// How many expressions of this sitting had more words than the model takes; the last ones were cut.
/// </param>
public sealed record Trained(RunFolder Run, Checkpoint At, bool IsDone, double Waited, long Skipped, long Cut);

/// <summary>How the training of a learner ended.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="At">How far it came.</param>
/// <param name="IsDone">
/// Whether all steps were taken, or the patience was lost, and the last validation was done; otherwise it was
/// interrupted, and running it again goes on from here.
/// </param>
/// <param name="Waited">The share of this call's training time in which it waited for samples.</param>
/// <param name="Skipped">How many times a sample that could not be read was skipped.</param>
public sealed record Trained<A, B, T>(LearnerRun<A, B, T> Run, Checkpoint At, bool IsDone, double Waited, long Skipped);
