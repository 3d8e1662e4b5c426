using LanguageExt;

namespace Cmsa.Pickle;

/// <summary>
/// What stands for a Python callable: a pure function from the arguments in the pickle to a value. The reader adds the
/// place to its errors.
/// </summary>
/// <param name="arguments">The arguments, in order.</param>
public delegate Either<PickleError, PickleValue> PickleConstructor(Seq<PickleValue> arguments);

/// <summary>
/// What a reader allows beyond plain data. Nothing of Python is ever run: a name that is allowed is answered by a
/// function given here, and every other name is refused.
/// </summary>
/// <param name="Constructors">The names allowed, and what stands for each when it is called.</param>
/// <param name="Persistent">
/// What an object stored outside the pickle becomes, from its id (one argument); refused where absent.
/// </param>
/// <param name="State">
/// What an object becomes when state is set on it, from the object and the state (two arguments); refused where absent.
/// </param>
/// <param name="MaxDepth">
/// How many values may stand inside one another, so that no reading of the result can exhaust the stack.
/// </param>
public sealed record PickleOptions(
    HashMap<PickleName, PickleConstructor> Constructors,
    Option<PickleConstructor> Persistent,
    Option<PickleConstructor> State,
    int MaxDepth
)
{
    /// <summary>
    /// Data alone. Sets, bytes and byte arrays are data, though protocols 0 to 3 write them as calls
    /// (<c>__builtin__ set</c>, <c>_codecs encode</c>).
    /// </summary>
    public static PickleOptions Data { get; } = new(PickleConstructors.Data, default, default, 256);

    /// <summary>These options with one more name allowed.</summary>
    public PickleOptions Allow(string module, string name, PickleConstructor constructor) =>
        this with
        {
            Constructors = Constructors.AddOrUpdate(new(module, name), constructor),
        };

    /// <summary>
    /// These options with one more name allowed, a call of which is kept as data: <see cref="PickleValue.Made"/>.
    /// </summary>
    public PickleOptions Keep(string module, string name) =>
        Allow(module, name, PickleConstructors.Kept(new(module, name)));
}
