using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>A pure function that answers the calls of a Python name. The reader adds the place to its errors.</summary>
/// <param name="arguments">The arguments, in order.</param>
public delegate Either<Error, PickleValue> PickleConstructor(Many<PickleValue> arguments);

/// <summary>
/// What a pickle may hold. Nothing of Python is ever run: a name is answered by a pure function, kept as data, or
/// refused.
/// </summary>
public sealed record PickleOptions
{
    private const long LeastMemory = 1 << 20;
    private const long MemoryPerByte = 128;

    private PickleOptions() { }

    /// <summary>
    /// Plain data: numbers, text, bytes, lists, tuples, dictionaries (<c>OrderedDict</c> and <c>defaultdict</c> too),
    /// sets, and NumPy's scalars as plain numbers. Any other name is refused.
    /// </summary>
    public static PickleOptions Data { get; } = new() { Names = Builtins.All };

    /// <summary>
    /// Plain data, and every object and call besides kept as data: <see cref="PickleValue.Made"/>,
    /// <see cref="PickleValue.Global"/>, <see cref="PickleValue.Outside"/>. Attributes set on plain data, such as an
    /// <c>OrderedDict</c>'s, are left out.
    /// </summary>
    public static PickleOptions Inert { get; } = Data with { KeepsObjects = true, MaxDepth = 500 };

    /// <summary>The names that are answered or kept.</summary>
    internal HashMap<PickleName, Builtin> Names { get; private init; }

    /// <summary>Whether objects and calls of other names are kept as data; they are refused otherwise.</summary>
    public bool KeepsObjects { get; private init; }

    /// <summary>How deep values may be nested, so that no reading of the result can exhaust the stack.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>
    /// The bytes of memory that reading may take; unless set, <see cref="MemoryFor"/> the length of the pickle.
    /// </summary>
    public Option<long> MaxMemory { get; init; }

    /// <summary>The bytes of memory that reading a file may take: 1 MiB, and 128 bytes a byte of the file.</summary>
    /// <param name="stored">The length of the file, as it is stored.</param>
    public static long MemoryFor(long stored) =>
        LeastMemory + MemoryPerByte * Math.Min(stored, long.MaxValue / MemoryPerByte / 2);

    /// <summary>These options with one more name, whose calls a pure function answers.</summary>
    public PickleOptions Allow(string module, string name, PickleConstructor constructor) =>
        this with
        {
            Names = Names.AddOrUpdate(new(module, name), Builtins.Of(constructor)),
        };

    /// <summary>These options with one more name, whose calls are kept as data.</summary>
    public PickleOptions Keep(string module, string name) =>
        this with
        {
            Names = Names.AddOrUpdate(new(module, name), Builtins.Keep),
        };
}
