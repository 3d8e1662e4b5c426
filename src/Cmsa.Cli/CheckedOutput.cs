using System.Text;

namespace Cmsa.Cli;

/// <summary>Standard output could not be written: the disk is full, or whoever reads it has closed it.</summary>
internal sealed class OutputException(Exception cause) : Exception(cause.Message, cause);

/// <summary>Standard output, whose failures are told apart from those of files.</summary>
/// <param name="inner">What is written to.</param>
internal sealed class CheckedOutput(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Runs something with standard output checked, and puts the old one back.</summary>
    public static T During<T>(Func<T> run)
    {
        var before = Console.Out;
        using var output = new CheckedOutput(before);
        Console.SetOut(output);
        try
        {
            return run();
        }
        finally
        {
            Console.SetOut(before);
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new OutputException(full);
        }
    }
}
