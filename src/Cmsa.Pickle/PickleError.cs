namespace Cmsa.Pickle;

/// <summary>Why a pickle cannot be read, or is refused.</summary>
/// <param name="What">What is wrong, in words.</param>
/// <param name="Opcode">
/// The instruction at which reading stopped, by Python's name for it (<c>REDUCE</c>); empty before the first.
/// </param>
/// <param name="Offset">Where that instruction stands: bytes from the start.</param>
/// <param name="Subject">
/// What it would have imported or called (<c>os system</c>); empty where it is about something else.
/// </param>
public sealed record PickleError(string What, string Opcode = "", long Offset = 0, string Subject = "")
{
    /// <summary>One line: the instruction, its place, and what is wrong.</summary>
    public override string ToString() =>
        (Opcode.Length == 0 ? "pickle" : $"pickle, {Opcode} at byte {Offset}")
        + (Subject.Length == 0 ? "" : $" ({Subject})")
        + $": {What}";
}
