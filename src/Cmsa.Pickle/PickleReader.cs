using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>
/// Reads Python pickles, protocols 0 to 5, Python 2's and 3's, as data. Whatever would import, call or build an object
/// is refused, unless the options give a pure function that stands for it; nothing of Python is ever run.
/// </summary>
/// <remarks>
/// Instructions: Python's <c>pickletools</c>. Errors, never exceptions: truncated input, an unknown instruction, a
/// refused one, a length past the end (nothing is allocated for it), values nested deeper than
/// <see cref="PickleOptions.MaxDepth"/>, a value that contains itself. Python 2's 8-bit strings become text where they
/// are UTF-8 and bytes where they are not.
/// </remarks>
public static class PickleReader
{
    /// <summary>The value of a pickle that fills <paramref name="data"/>.</summary>
    public static Either<PickleError, PickleValue> Read(ReadOnlyMemory<byte> data) => Read(data, PickleOptions.Data);

    /// <summary>The value of a pickle that fills <paramref name="data"/>, read with options.</summary>
    public static Either<PickleError, PickleValue> Read(ReadOnlyMemory<byte> data, PickleOptions options) =>
        ReadFirst(data, options)
            .Bind(read =>
                read.Length == data.Length
                    ? Prelude.Right<PickleError, PickleValue>(read.Value)
                    : Prelude.Left<PickleError, PickleValue>(
                        new($"ends here, but {data.Length - read.Length} bytes follow", "STOP", read.Length - 1)
                    )
            );

    /// <summary>
    /// The value of the first pickle in <paramref name="data"/>, and how many bytes it takes: others may follow it.
    /// </summary>
    public static Either<PickleError, (PickleValue Value, int Length)> ReadFirst(
        ReadOnlyMemory<byte> data,
        PickleOptions options
    ) => new PickleMachine(data, options).Run();
}
