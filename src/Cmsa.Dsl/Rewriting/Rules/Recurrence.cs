using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// What the input says to the gates of a recurrence is added a word at a time, and what is asked of its states alone is
/// kept.
/// </summary>
public static class Recurrence
{
    /// <summary>
    /// A sum whose terms have different axes is taken apart: what depends on the place is not repeated for the words,
    /// nor what depends on the word for the places.
    /// </summary>
    public static Rule OfSum { get; } =
        new(
            "recurrence of sum",
            "recur(x_n + y) = recur(x_n, y), whose gates are sums of both",
            node =>
                node is { Operation: Recur, Operands: [_, var present, var weight, ..] }
                && Recur.Terms(node.Operands) is var terms
                && terms.Sum().Groups is var groups
                && (groups.Count != terms.Count || terms.Exists(t => t.Groups.Count > 1))
                    ? Some(new Node(node.Operation, [groups.Head, present, weight, .. groups.Tail]))
                    : None
        );

    /// <summary>
    /// The last of the states; that of words that are not there is the one before, so that it is the state after all
    /// words wherever they stand.
    /// </summary>
    public static Rule Last { get; } =
        new(
            "last of recurrence",
            "last_n recur(x)_n = recur's last state",
            node =>
                node is { Operation: LastOne, Operands: [{ Operation: Recur { Last: false } recur } states] }
                    ? Some(new Node(recur with { Last = true }, states.Operands))
                    : None
        );
}
