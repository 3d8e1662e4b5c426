namespace Cmsa.Data.Loading;

/// <summary>What a <see cref="DataLoader{T}"/> has done so far.</summary>
/// <param name="Delivered">How many items it has delivered.</param>
/// <param name="Skipped">
/// How many steps it has skipped because their sample was bad; a bad sample counts again in each epoch.
/// </param>
/// <param name="Bad">The error of each bad sample, once, in the order in which the samples were reached.</param>
/// <param name="Waited">How long the consumer has waited for items that were not ready.</param>
public sealed record LoaderReport(long Delivered, long Skipped, Many<Error> Bad, TimeSpan Waited);
