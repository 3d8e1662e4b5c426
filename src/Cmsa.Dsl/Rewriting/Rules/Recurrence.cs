using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// What the input says to the gates of a recurrence is added a word at a time, and of its states only those that are
/// needed are kept.
/// </summary>
public static class Recurrence
{
    private static readonly Variable<Recur> recur = new("recur");
    private static readonly Variable<LastOne> last = new("last");
    private static readonly Variable<Node> first = new("x"),
        present = new("mask"),
        weight = new("W");
    private static readonly Variable<Many<Node>> more = new("y"),
        terms = new("terms"),
        groups = new("groups");

    /// <summary>
    /// A sum whose terms have different axes is taken apart: what depends on the place is not repeated for the words,
    /// nor what depends on the word for the places.
    /// </summary>
    public static Rule OfSum { get; } =
        new Rule("recurrence of sum", recur.On([first, present, weight], more))
            .Let(terms, at => recur.In(at).Terms([first.In(at), present.In(at), weight.In(at), .. more.In(at)]))
            .Let(groups, at => terms.In(at).Sum().Groups)
            .Pays(
                "its terms are not the groups of their sum",
                at => groups.In(at).Count != terms.In(at).Count || terms.In(at).Exists(t => t.Groups.Count > 1),
                refused: () => Recurring(Data("x", N(3), C(8)))
            )
            .Becomes(at =>
                new(
                    recur.In(at),
                    [groups.In(at).Head, present.In(at), weight.In(at), .. Vector(at), .. groups.In(at).Tail]
                )
            )
            .Example(() => Recurring(Data("x", N(3), C(8)) + Data("y", R(2), C(8))))
            .Example(() => Recurring(Data("x", N(3), C(8)), Data("y", R(2), C(8)) + Data("z", N(3), C(8))))
            .Example(() =>
                new(
                    new Recur(2, Cell: RecurrentCell.Gru),
                    [Data("x", N(3), C(6)) + Data("y", R(2), C(6)), Mask("m", N(3)), Weight("W", 6, 2), Own("b", C(6))]
                )
            );

    /// <summary>
    /// The last of the states. A padding word leaves the state as it is, so it is the state after all words wherever
    /// they are.
    /// </summary>
    public static Rule Last { get; } =
        new Rule("last of recurrence", last.On(recur.On(r => !r.Last, [], more)))
            .Becomes(at => new(recur.In(at) with { Last = true }, more.In(at)))
            .Example(() => new(new LastOne(), Recurring(Data("x", N(3), C(8)))));

    private static Many<Node> Vector(Match at) => recur.In(at).HasVector ? more.In(at).Take(1) : [];

    private static Node Recurring(Node first, params Many<Node> more) =>
        new(new Recur(2), [first, Mask("m", N(3)), Weight("W", 8, 2), .. more]);
}
