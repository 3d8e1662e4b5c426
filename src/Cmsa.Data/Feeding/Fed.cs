using LanguageExt;

namespace Cmsa.Data;

/// <summary>What a feed delivers: a value with its place.</summary>
/// <param name="Step">The step it is for; a feed from the step after it goes on where this one was.</param>
/// <param name="Index">Which sample it is made from.</param>
/// <param name="Value">The value.</param>
public readonly record struct Fed<T>(long Step, int Index, T Value);

/// <summary>What a feed has done so far.</summary>
/// <param name="Delivered">How many values it has delivered.</param>
/// <param name="Skipped">
/// How many steps it has skipped because their sample was bad; one bad sample counts again each epoch.
/// </param>
/// <param name="Bad">Why, once for each bad sample, in the order in which they were met.</param>
/// <param name="Waited">For how long the consumer has waited for values that were not ready.</param>
public sealed record FeedReport(long Delivered, long Skipped, Seq<Error> Bad, TimeSpan Waited);
