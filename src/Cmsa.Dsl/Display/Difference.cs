using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Display;

/// <summary>One difference between two models: steps of one where the other has others.</summary>
/// <param name="Path">The path of the layer, or of the layer that the steps are in; empty for the model itself.</param>
/// <param name="Before">The steps of the first model; none where something was added.</param>
/// <param name="After">The steps of the second; none where something was removed.</param>
/// <param name="Times">How many layers below the path changed alike.</param>
public sealed record Change(string Path, Many<Layer> Before, Many<Layer> After, int Times = 1)
{
    private const int Length = 100;

    /// <summary>
    /// One line: <c>res5.attention: SelfAttention(512) -> SelfAttention(512, over: Pixels)</c>, with <c>+</c> for
    /// what was added and <c>-</c> for what was removed.
    /// </summary>
    public override string ToString() => Line(Length);

    /// <summary>One line, where layers that take more than <paramref name="length"/> columns are shortened.</summary>
    /// <param name="length">The longest text of a layer; <see cref="int.MaxValue"/>: none is shortened.</param>
    public string Line(int length) =>
        $"{(Path.Length == 0 ? "model" : Path)}{(Times > 1 ? $", {Times} times" : "")}: "
        + (Before, After) switch
        {
            ([var before], [var after]) when Note.Bare(before) == Note.Bare(after) =>
                $"{Brief.WithNotes(before, length)} -> {Brief.WithNotes(after, length)}",
            ({ IsEmpty: false }, { IsEmpty: false }) => $"{Brief.Of(Before, length)} -> {Brief.Of(After, length)}",
            (_, { IsEmpty: false }) => $"+ {Brief.Of(After, length)}",
            _ => $"- {Brief.Of(Before, length)}",
        };

    /// <summary>This change and the one of the steps right behind it as one.</summary>
    internal Change Then(Change next) => new(Shared(Path, next.Path), Before + next.Before, After + next.After);

    /// <summary>What one layer became, whatever its name; null where several steps changed.</summary>
    internal (Layer Before, Layer After)? Exchange =>
        (Before, After) is ([var before], [var after]) ? (Note.Bare(before), Note.Bare(after)) : null;

    /// <summary>Changes of one exchange as one, at what their paths share.</summary>
    internal static Change Alike(Many<Change> changes)
    {
        var (before, after) = changes[0].Exchange!.Value;
        return new(changes.Map(c => c.Path).Reduce(Shared), [before], [after], changes.Count);
    }

    // As many segments as both paths begin with.
    private static string Shared(string a, string b)
    {
        var (left, right) = (a.Split('.'), b.Split('.'));
        var shared = left.Zip(right, (x, y) => x == y).TakeWhile(same => same).Count();
        return string.Join('.', left.Take(shared));
    }
}

/// <summary>
/// The differences between two models, as few as possible: layers of one type are compared part by part, and the
/// steps of sequences are aligned first; adjacent replaced steps count as one change, and so do many layers that changed
/// alike.
/// </summary>
public static class Difference
{
    /// <summary>What turns one model into the other, in the order of the layers; nothing if they are equal.</summary>
    public static Many<Change> Between(Layer before, Layer after) =>
        Gathered(Between(Placement.Of(before), Placement.Of(after)).Distinct());

    private const int SaidOnce = 4;

    // Layers that changed alike are said once, where the first of them stands.
    private static Many<Change> Gathered(Many<Change> changes)
    {
        var alike = changes
            .Filter(c => c.Exchange is not null)
            .GroupBy(c => c.Exchange!.Value)
            .Where(group => group.Count() >= SaidOnce)
            .ToDictionary(group => group.Key, group => group.ToMany());
        return changes.Choose(c =>
            c.Exchange is not { } exchange || !alike.TryGetValue(exchange, out var group) ? Some(c)
            : ReferenceEquals(group[0], c) ? Some(Change.Alike(group))
            : None
        );
    }

    private static Many<Change> Between(Placement a, Placement b) =>
        a.Layer.Equals(b.Layer)
            ? []
            : (a.Layer, b.Layer) switch
            {
                (ISequence, _) or (_, ISequence) => Steps(Flat(a), Flat(b), joined: true),
                (ISum, ISum) => Steps(a.Parts, b.Parts, joined: false),
                (ILevels, ILevels) => Levels(a, b),
                _ when DifferInParts(a, b) => Pairwise(a, b),
                (INote, _) or (_, INote) => Notes(a, b),
                _ => [Replaced(a, b)],
            };

    // Whether one becomes the other where its parts are exchanged for the other's.
    private static bool DifferInParts(Placement a, Placement b) =>
        a.Parts.Count == b.Parts.Count
        && !a.Parts.IsEmpty
        && a.Parts.Zip(b.Parts, (x, y) => SameKinds(x.Layer, y.Layer)).ForAll(same => same)
        && a.Layer.With(b.Layer.Parts).Equals(b.Layer);

    private static Many<Change> Pairwise(Placement a, Placement b) =>
        a.Parts.Zip(b.Parts, Between).Bind(changes => changes);

    // Notes that differ are one change, and the layer below them may have others.
    private static Many<Change> Notes(Placement a, Placement b)
    {
        var (bareA, bareB) = (Bare(a), Bare(b));
        if (bareA.Layer.Equals(bareB.Layer))
            return [Replaced(a, b)];
        Many<Change> notes = HaveSameNotes(a.Layer, b.Layer) ? [] : [Replaced(a, b)];
        return notes + Between(bareA, bareB);
    }

    // A changed layer without parts is shown with its notes anyway.
    private static bool HaveSameNotes(Layer a, Layer b) =>
        Note.All(a) == Note.All(b) || Note.Bare(a).Parts.IsEmpty || Note.Bare(b).Parts.IsEmpty;

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
                Path = Placement.InLevel(placement.Path, level),
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

    // The alignment of two lists of steps that keeps most: equal steps best of all, then steps of one name, then
    // steps of one type. An alignment is open where its first step is replaced as a whole, so that a step before it
    // that is so too belongs to the same change.
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
        : !SameKinds(a.Layer, b.Layer) ? 0
        : Bare(a).Path == Bare(b).Path && Bare(a).Path.Length > 0 && a.Layer is INote ? 6
        : SameForm(Bare(a).Layer, Bare(b).Layer) ? 4
        : Unlike;

    private static bool SameForm(Layer a, Layer b) =>
        (a, b) switch
        {
            (ISum x, ISum y) => x.IsResidual == y.IsResidual,
            _ => a.GetType() == b.GetType(),
        };

    private static Many<Placement> Flat(Placement at) =>
        at.Layer switch
        {
            ISequence => at.Parts,
            IIdentity => [],
            _ => [at],
        };

    private static bool SameKinds(Layer a, Layer b) => a.In == b.In && a.Out == b.Out;

    private static Placement Bare(Placement at) => at.Layer is INote ? Bare(at.Parts[0]) : at;

    private static string Where(Placement a, Placement b)
    {
        var path = Bare(a).Path;
        return path.Length > 0 ? path : Bare(b).Path;
    }
}
