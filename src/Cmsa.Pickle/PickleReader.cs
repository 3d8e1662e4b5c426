using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Pickle;

/// <summary>
/// Reads Python pickles, protocols 0 to 5, of Python 2 and 3, as data. Nothing of Python is ever run.
/// </summary>
/// <remarks>
/// Instructions: Python's <c>pickletools</c>. Bad input is an error, never an exception: truncated data, an unknown
/// instruction, a name that the options refuse, a length past the end (nothing is allocated for it), values nested
/// deeper than <see cref="PickleOptions.MaxDepth"/>, data that needs more memory than
/// <see cref="PickleOptions.MaxMemory"/>, and a value that contains itself. Time and memory are at most proportional to
/// the length of the pickle. Python 2's 8-bit strings become text where they are UTF-8 and bytes where they are not.
/// </remarks>
public static class PickleReader
{
    /// <summary>The value of a pickle that fills <paramref name="data"/>: plain data alone.</summary>
    public static Either<Error, PickleValue> Read(ReadOnlyMemory<byte> data) => Read(data, PickleOptions.Data);

    /// <summary>The value of a pickle that fills <paramref name="data"/>, read with options.</summary>
    /// <returns>The value, or an error whose place is such as <c>pickle, REDUCE at byte 12 (os system)</c>.</returns>
    public static Either<Error, PickleValue> Read(ReadOnlyMemory<byte> data, PickleOptions options) =>
        Whole(data, options).MapLeft(fault => fault.ToError());

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, PickleOptions)"/>
    internal static Either<PickleFault, PickleValue> Whole(ReadOnlyMemory<byte> data, PickleOptions options) =>
        First(data, options)
            .Bind(read =>
                read.End == data.Length
                    ? Right<PickleFault, PickleValue>(read.Value)
                    : new PickleFault($"{data.Length - read.End} bytes follow the end", "", "STOP", read.End - 1)
            );

    /// <summary>The value of the first pickle from an offset on, and the offset of what follows it.</summary>
    internal static Either<PickleFault, (PickleValue Value, int End)> First(
        ReadOnlyMemory<byte> data,
        PickleOptions options,
        int start = 0
    )
    {
        var budget = new Budget(options.MaxMemory.IfNone(PickleOptions.MemoryFor(data.Length - start)));
        return new PickleMachine(new PickleBytes(data, start), options, budget).Run();
    }
}
