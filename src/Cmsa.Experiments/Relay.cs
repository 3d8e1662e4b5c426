namespace Cmsa.Experiments;

/// <summary>Passes on what it is told, changed, on the thread that tells.</summary>
/// <param name="pass">What becomes of a report.</param>
internal sealed class Relay<T>(Action<T> pass) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => pass(value);
}
