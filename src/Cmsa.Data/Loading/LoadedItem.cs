namespace Cmsa.Data.Loading;

/// <summary>One item of a <see cref="DataLoader{T}"/>: a value with its position.</summary>
/// <param name="Step">The step it belongs to; a loader that starts at the next step continues here.</param>
/// <param name="Index">The index of the sample that the value was made from.</param>
/// <param name="Value">The value.</param>
public readonly record struct LoadedItem<T>(long Step, int Index, T Value);
