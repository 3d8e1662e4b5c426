using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Scenes.World;

/// <summary>
/// Composes scenes of three to six things, most of which look alike, so that words are needed to tell them apart.
/// </summary>
internal static class Composer
{
    // In percent: things that resemble no other, things that equal another, and scenes in which every other thing
    // differs from the first in one feature, so that each word about the first one is needed.
    private const int New = 30;
    private const int Twin = 6;
    private const int Round = 35;

    private const int Throws = 3;
    private const int Tries = 50;
    private const int Edge = 12;

    // Many things seldom fit, so large numbers are drawn more often.
    private static readonly Many<int> Numbers = [3, 4, 4, 5, 5, 5, 6, 6, 6];

    /// <summary>The kinds of the things of a scene.</summary>
    public static ThingKind[] Kinds(SplitMix random)
    {
        var kinds = new ThingKind[random[0].Pick(Numbers)];
        var (round, turn) = (random[-1].Below(100) < Round, random[-2].Below(3));
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] =
                i == 0 || random[i][0].Below(100) < New ? Fresh(random[i][1])
                : round ? LookAlike(kinds[0], (i + turn) % 3, random[i][2])
                : LookAlike(kinds[random[i][3].Below(i)], random[i][4].Below(3), random[i][2]);
        }

        return kinds;
    }

    /// <summary>
    /// A scene whose things have no places yet: expressions about looks alone can already be checked on it.
    /// </summary>
    public static Scene Heap(ThingKind[] kinds) =>
        new([], [.. kinds.Select(kind => new Thing(kind, 0, 0, 0))], new(100, 0, 0, 0));

    /// <summary>A scene with these things; none where several random placements do not fit.</summary>
    public static Option<Scene> Arrange(ThingKind[] kinds, bool view, SplitMix random) =>
        Enumerable
            .Range(6, Throws)
            .Select(attempt => Placed(kinds, random[attempt]))
            .FirstOrDefault(placed => placed.IsSome)
            .Map(things => new Scene(
                view ? Backdrop.View(random[1]) : Backdrop.Sheet(random[1]),
                things,
                new Light(
                    random[2].Between(92, 105),
                    random[3].Between(-10, 10),
                    random[4].Between(-10, 10),
                    random[5].Bits
                )
            ));

    private static ThingKind Fresh(SplitMix random) =>
        new((Outline)random[0].Below(6), (Paint)random[1].Below(7), (Bulk)random[2].Below(3));

    // The same kind but for one feature, or now and then the very same.
    private static ThingKind LookAlike(ThingKind kind, int feature, SplitMix random) =>
        (random[0].Below(100) < Twin, feature) switch
        {
            (true, _) => kind,
            (_, 0) => kind with { Outline = (Outline)(((int)kind.Outline + random[1].Between(1, 5)) % 6) },
            (_, 1) => kind with { Paint = (Paint)(((int)kind.Paint + random[1].Between(1, 6)) % 7) },
            _ => kind with { Bulk = (Bulk)(((int)kind.Bulk + random[1].Between(1, 2)) % 3) },
        };

    // The big ones first, since small ones fit between them.
    private static Option<Many<Thing>> Placed(ThingKind[] kinds, SplitMix random)
    {
        var things = new Thing[kinds.Length];
        var order = kinds.OrderByDescending(kind => kind.Reach).ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            if (Place(order[i], things.AsSpan(0, i), random[i]) is not { } thing)
                return None;
            things[i] = thing;
        }

        return things.ToMany();
    }

    private static Thing? Place(ThingKind kind, ReadOnlySpan<Thing> others, SplitMix random)
    {
        var (least, most) = (kind.Reach + Edge, 1000 - kind.Reach - Edge);
        for (var k = 0; k < Tries; k++)
        {
            var (row, column) = (random[2 * k].Between(least, most), random[2 * k + 1].Between(least, most));
            var thing = new Thing(kind, row, column, random[-1].Between(-5, 5));
            if (IsClear(thing, others))
                return thing;
        }

        return null;
    }

    private static bool IsClear(Thing thing, ReadOnlySpan<Thing> others)
    {
        foreach (var other in others)
        {
            if (!Judgement.AreClear(thing, other))
                return false;
        }

        return true;
    }
}
