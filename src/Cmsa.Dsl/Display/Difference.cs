using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Display;

/// <summary>One thing in which two models differ: steps that stand in the place of others.</summary>
/// <param name="Path">Where: the path of the layer, or of what the steps are in; empty for the model itself.</param>
/// <param name="Before">What stands there in the first model; none where something was added.</param>
/// <param name="After">What stands there in the second; none where something was taken away.</param>
public sealed record Change(string Path, Many<Layer> Before, Many<Layer> After)
{
    private const int Length = 100;

    /// <summary>
    /// One line: <c>res5.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)</c>, <c>+</c> for what was
    /// added, <c>-</c> for what was taken away.
    /// </summary>
    public override string ToString() =>
        $"{(Path.Length == 0 ? "model" : Path)}: "
        + (Before, After) switch
        {
            ([var before], [var after]) when Summary.Bare(before) == Summary.Bare(after) =>
                $"{Summary.Noted(before, Length)} -> {Summary.Noted(after, Length)}",
            ({ IsEmpty: false }, { IsEmpty: false }) =>
                $"{Summary.Steps(Before, Length)} -> {Summary.Steps(After, Length)}",
            (_, { IsEmpty: false }) => $"+ {Summary.Steps(After, Length)}",
            _ => $"- {Summary.Steps(Before, Length)}",
        };

    /// <summary>This change and the one of the steps right behind it as one.</summary>
    internal Change Then(Change next) => new(Shared(Path, next.Path), Before + next.Before, After + next.After);

    // As many parts as both paths begin with.
    private static string Shared(string a, string b) =>
        string.Join('.', a.Split('.').Zip(b.Split('.'), (x, y) => (x, y)).TakeWhile(p => p.x == p.y).Select(p => p.x));
}

/// <summary>
/// In what two models differ, as little as says it: layers of one form are compared part by part, and the steps of
/// sequences are aligned first; neighbouring steps that others stand in the place of are one change.
/// </summary>
public static class Difference
{
    /// <summary>What turns one model into the other, in the order of the layers; nothing if they are equal.</summary>
    public static Many<Change> Between(Layer before, Layer after) =>
        Between(Placement.Of(before), Placement.Of(after)).Distinct();

    private static Many<Change> Between(Placement a, Placement b) =>
        a.Layer.Equals(b.Layer)
            ? []
            : (a.Layer, b.Layer) switch
            {
                _ when IsSequence(a) || IsSequence(b) => Steps(Flat(a), Flat(b), joined: true),
                _ when Same(a, b, nameof(Sum<,>)) => Steps(a.Parts, b.Parts, joined: false),
                (ILevels, ILevels) => Levels(a, b),
                _ when a.Parts.Count == b.Parts.Count
                        && !a.Parts.IsEmpty
                        && Kinds(a, b)
                        && a.Layer.With(b.Layer.Parts).Equals(b.Layer) => Pairwise(a, b),
                _ when Summary.IsNote(a.Layer) || Summary.IsNote(b.Layer) => Notes(a, b),
                _ => [Replaced(a, b)],
            };

    private static Many<Change> Pairwise(Placement a, Placement b) =>
        a.Parts.Zip(b.Parts, Between).Bind(changes => changes);

    // One of them, or both, says more about a layer than what it computes: that is one change, and what is inside it
    // may have others.
    private static Many<Change> Notes(Placement a, Placement b) =>
        Bare(a) is var bareA && Bare(b) is var bareB && bareA.Layer.Equals(bareB.Layer)
            ? [Replaced(a, b)]
            : (SameNotes(a.Layer, b.Layer) ? default(Many<Change>) : [Replaced(a, b)]) + Between(bareA, bareB);

    private static bool SameNotes(Layer a, Layer b) =>
        Summary.Notes(a) == Summary.Notes(b) || Summary.Bare(a).Parts.IsEmpty || Summary.Bare(b).Parts.IsEmpty;

    // A level that has a layer of its own in one model alone is compared with what all levels have in the other.
    private static Many<Change> Levels(Placement a, Placement b)
    {
        var (left, right) = (ByLevel(a), ByLevel(b));
        var names = (left.Map(l => l.Level) + right.Map(l => l.Level)).Distinct();
        return names.Bind(name => Between(For(left, name), For(right, name)));

        static Placement For(Many<(string Level, Placement Body)> levels, string name) =>
            levels.Find(l => l.Level == name).Map(l => l.Body).IfNone(() => At(levels.Head.Body, name));
        static Placement At(Placement placement, string level) =>
            placement with
            {
                Path = placement.Path.IndexOf(Placement.AnyLevel, StringComparison.Ordinal) is var at and >= 0
                    ? placement.Path[..at] + level + placement.Path[(at + 1)..]
                    : placement.Path,
                Parts = placement.Parts.Map(p => At(p, level)),
            };
    }

    private static Many<(string Level, Placement Body)> ByLevel(Placement levels) =>
        levels
            .Parts.Select(
                (body, part) =>
                    (levels.Layer.PlaceOf(part) is Placing.PerLevel(var name) ? name : Placement.AnyLevel, body)
            )
            .ToMany();

    // The alignment of two lists of steps that keeps most: equal steps best of all, then steps of one name, then steps
    // of one type. Open is one whose first step
    // is replaced as a whole, so that a step before it that is so too belongs to the same change.
    private static Many<Change> Steps(Many<Placement> a, Many<Placement> b, bool joined)
    {
        var best = new (int Score, Many<Change> Changes, bool Open)[a.Count + 1, b.Count + 1];
        for (var i = a.Count; i >= 0; i--)
        for (var j = b.Count; j >= 0; j--)
            best[i, j] = (i == a.Count, j == b.Count) switch
            {
                (true, true) => (0, [], false),
                (true, _) => Added(i, j),
                (_, true) => Removed(i, j),
                _ => Better(Better(Kept(i, j), Removed(i, j)), Added(i, j)),
            };
        return best[0, 0].Changes;

        (int, Many<Change>, bool) Kept(int i, int j) =>
            (Likeness(a[i], b[j]), best[i + 1, j + 1]) switch
            {
                (0, _) => (-1, [], false),
                (Unlike, var rest) => Before(Replaced(a[i], b[j]), rest, Unlike),
                var (likeness, rest) => (rest.Score + likeness, Between(a[i], b[j]) + rest.Changes, false),
            };
        (int, Many<Change>, bool) Removed(int i, int j) =>
            Before(new Change(Bare(a[i]).Path, [a[i].Layer], []), best[i + 1, j], 0);
        (int, Many<Change>, bool) Added(int i, int j) =>
            Before(new Change(Bare(b[j]).Path, [], [b[j].Layer]), best[i, j + 1], 0);
        (int, Many<Change>, bool) Before(Change change, (int Score, Many<Change> Changes, bool Open) rest, int score) =>
            (
                rest.Score + score,
                rest.Open && joined
                    ? [change.Then(rest.Changes.Head), .. rest.Changes.Tail]
                    : [change, .. rest.Changes],
                true
            );
        static (int Score, Many<Change>, bool) Better(
            (int Score, Many<Change>, bool) x,
            (int Score, Many<Change>, bool) y
        ) => y.Score > x.Score ? y : x;
    }

    // Of the same kinds, and nothing else in common.
    private const int Unlike = 1;

    private static Change Replaced(Placement a, Placement b) => new(Where(a, b), [a.Layer], [b.Layer]);

    private static int Likeness(Placement a, Placement b) =>
        a.Layer.Equals(b.Layer) ? 8
        : a.Layer.In != b.Layer.In || a.Layer.Out != b.Layer.Out ? 0
        : Bare(a).Path == Bare(b).Path && Bare(a).Path.Length > 0 && Summary.IsNote(a.Layer) ? 6
        : Form(a) == Form(b) ? 4
        : Unlike;

    private static string Form(Placement placement) => Summary.Operator(placement.Layer);

    private static bool IsSequence(Placement at) => Summary.Name(at.Layer) == nameof(Sequence<,>);

    private static Many<Placement> Flat(Placement at) =>
        IsSequence(at) ? at.Parts
        : Summary.Name(at.Layer) == nameof(Identity<>) ? []
        : [at];

    private static bool Same(Placement a, Placement b, string name) =>
        Summary.Name(a.Layer) == name && Summary.Name(b.Layer) == name;

    private static bool Kinds(Placement a, Placement b) =>
        a.Parts.Zip(b.Parts, (x, y) => x.Layer.In == y.Layer.In && x.Layer.Out == y.Layer.Out).ForAll(same => same);

    private static Placement Bare(Placement at) => Summary.IsNote(at.Layer) ? Bare(at.Parts[0]) : at;

    private static string Where(Placement a, Placement b) => Bare(a).Path is { Length: > 0 } path ? path : Bare(b).Path;
}
