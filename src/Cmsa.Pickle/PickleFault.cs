namespace Cmsa.Pickle;

/// <summary>Why a pickle cannot be read, with its parts; users get it as an <see cref="Error"/>.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Hint">What to do about it; may be empty.</param>
/// <param name="Opcode">
/// The instruction that failed, by Python's name for it (<c>REDUCE</c>); empty where there is none.
/// </param>
/// <param name="Offset">The offset of that instruction in bytes.</param>
/// <param name="Subject">What it would have imported or called (<c>os system</c>); may be empty.</param>
/// <param name="IsCut">Whether the data ended too early: with more data the pickle may be readable.</param>
internal sealed record PickleFault(
    string What,
    string Hint = "",
    string Opcode = "",
    long Offset = 0,
    string Subject = "",
    bool IsCut = false
)
{
    /// <summary>The fault for users: <c>pickle, REDUCE at byte 12 (os system): imports what is not data</c>.</summary>
    public Error ToError()
    {
        var place = Opcode.Length == 0 ? "pickle" : $"pickle, {Opcode} at byte {Offset}";
        var subject = Subject.Length == 0 ? "" : $" ({Subject})";
        return new Error(What, place + subject, Hint);
    }
}
