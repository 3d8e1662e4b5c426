namespace Cmsa.Data.Tests;

/// <summary>
/// Understands expressions without the grammar: from their words, and from measurements of the rendered picture. It
/// shares no code with the grammar, so where the two agree, the words mean what the data set says.
/// </summary>
internal sealed class Listener(Scene scene)
{
    private const int Size = 256;

    // What a viewer sees of a thing: its centre, its reach, its area and its colour, in a picture of 256 pixels.
    private sealed record Seen(
        int Index,
        string Shape,
        string Colour,
        double Row,
        double Column,
        double Reach,
        int Area
    );

    private static readonly string[] Fillers =
    [
        "the",
        "that",
        "is",
        "are",
        "has",
        "have",
        "in",
        "picture",
        "on",
        "at",
        "to",
        "with",
        "all",
        "and",
        "farthest",
    ];

    private static readonly Dictionary<string, (int Red, int Green, int Blue)> Colours = new()
    {
        ["red"] = (208, 42, 46),
        ["orange"] = (246, 140, 36),
        ["yellow"] = (246, 208, 38),
        ["green"] = (44, 146, 70),
        ["blue"] = (38, 92, 200),
        ["purple"] = (134, 62, 162),
        ["black"] = (38, 38, 44),
    };

    private readonly Seen[] _all = Look(scene);

    /// <summary>
    /// The part of the scene that the words name: indices of things, or 16 plus those of bands; none where ambiguous.
    /// </summary>
    public int[] Hear(string text)
    {
        if (Band(text.Split(' ')[^1]) is { } bands)
            return bands;
        var words = new Queue<string>(text.Split(' ').Where(word => !Fillers.Contains(word)));
        var (found, count, many) = NounPhrase(words);
        while (words.Count > 0)
            found = Qualified(found, count, words);
        return many == found.Length > 1 && found.Length > 0 ? [.. found.Select(thing => thing.Index).Order()] : [];
    }

    private int[]? Band(string word) =>
        word switch
        {
            "sky" or "grass" or "water" or "sand" or "wall" or "floor" =>
            [
                .. Enumerable
                    .Range(0, scene.Backdrop.Count)
                    .Where(b => $"{scene.Backdrop[b].Ground}".Equals(word, StringComparison.OrdinalIgnoreCase))
                    .Select(b => 16 + b),
            ],
            "background" => [],
            _ => null,
        };

    private (Seen[] Found, int Count, bool Many) NounPhrase(Queue<string> words)
    {
        var (found, count) = (_all, 1);
        var superlative = "";
        while (true)
        {
            var word = words.Dequeue();
            switch (word)
            {
                case "two" or "three":
                    count = word == "two" ? 2 : 3;
                    break;
                case "of":
                    var inner = NounPhrase(words);
                    return (Best(inner.Found, superlative, count), count, count > 1);
                case var _ when Direction(word) is not null:
                    superlative = word;
                    break;
                case var _ when Adjective(word) is { } fits:
                    found = [.. found.Where(fits)];
                    break;
                default:
                    var many = word != "cross" && word.EndsWith('s');
                    var noun =
                        word == "crosses" ? "cross"
                        : many ? word[..^1]
                        : word;
                    found = [.. found.Where(thing => noun == "thing" || thing.Shape == noun)];
                    return (superlative.Length > 0 ? Best(found, superlative, count) : found, count, many);
            }
        }
    }

    private Seen[] Qualified(Seen[] found, int count, Queue<string> words)
    {
        var word = words.Dequeue();
        if (
            word is "next" or "bigger" or "larger" or "smaller" or "above" or "below" or "same"
            || words.TryPeek(out var of) && of == "of"
        )
        {
            while (words.Peek() is "of" or "to" or "than" or "as" or "color")
                words.Dequeue();
            var landmark = NounPhrase(words).Found;
            return landmark is [var mark] ? [.. found.Where(thing => thing != mark && Stands(word, thing, mark))] : [];
        }

        return Adjective(word) is { } fits ? [.. found.Where(fits)] : Best(found, word, count);
    }

    private static bool Stands(string how, Seen a, Seen b)
    {
        var (right, down) = (a.Column - b.Column, a.Row - b.Row);
        return how switch
        {
            "left" => right < 0 && -right > Math.Abs(down),
            "right" => right > 0 && right > Math.Abs(down),
            "above" => down < 0 && -down > Math.Abs(right),
            "below" => down > 0 && down > Math.Abs(right),
            "next" => Math.Sqrt(right * right + down * down) - a.Reach - b.Reach < 0.0775 * Size,
            "bigger" or "larger" => Bulk(a) > Bulk(b),
            "smaller" => Bulk(a) < Bulk(b),
            "same" => a.Colour == b.Colour,
            _ => throw new ArgumentException(how),
        };
    }

    private static Seen[] Best(Seen[] among, string superlative, int count) =>
        Direction(superlative) is { } along
            ? [.. among.Where(thing => among.Count(other => along(other) > along(thing)) < count)]
            : [];

    private static Func<Seen, double>? Direction(string word) =>
        word switch
        {
            "left" or "leftmost" => thing => -thing.Column,
            "right" or "rightmost" => thing => thing.Column,
            "top" or "topmost" or "highest" => thing => -thing.Row,
            "bottom" or "bottommost" or "lowest" => thing => thing.Row,
            "biggest" or "largest" => thing => Bulk(thing),
            "smallest" => thing => -Bulk(thing),
            _ => null,
        };

    private static Func<Seen, bool>? Adjective(string word) =>
        word switch
        {
            "small" or "little" => thing => Bulk(thing) == 0,
            "big" or "large" => thing => Bulk(thing) == 2,
            _ when Colours.ContainsKey(word) => thing => thing.Colour == word,
            _ => null,
        };

    private static int Bulk(Seen thing) =>
        thing.Area switch
        {
            < 220 * Size * Size / (96 * 96) => 0,
            < 433 * Size * Size / (96 * 96) => 1,
            _ => 2,
        };

    private static Seen[] Look(Scene scene)
    {
        var picture = SceneRenderer.Picture(scene, Size);
        return [.. Enumerable.Range(0, scene.Things.Count).Select(i => Measured(scene, i, picture))];
    }

    private static Seen Measured(Scene scene, int index, Picture picture)
    {
        var mask = SceneRenderer.Mask(scene, SceneParts.Thing(index), Size);
        var pixels = Enumerable.Range(0, mask.Pixels.Length).Where(i => mask.Pixels[i] == 1).ToArray();
        var (row, column) = (pixels.Average(i => i / Size), pixels.Average(i => i % Size));
        var reach = Math.Sqrt(
            pixels.Max(i => (i / Size - row) * (i / Size - row) + (i % Size - column) * (i % Size - column))
        );
        double Mean(int channel) => pixels.Average(i => picture.Rgb[3 * i + channel]);
        var (red, green, blue) = (Mean(0), Mean(1), Mean(2));
        var colour = Colours
            .MinBy(one =>
                Math.Pow(one.Value.Red - red, 2)
                + Math.Pow(one.Value.Green - green, 2)
                + Math.Pow(one.Value.Blue - blue, 2)
            )
            .Key;
        return new(
            index,
            scene.Things[index].Kind.Outline switch
            {
                Outline.Circle => "circle",
                Outline.Ring => "ring",
                Outline.Square => "square",
                Outline.Triangle => "triangle",
                Outline.Star => "star",
                _ => "cross",
            },
            colour,
            row,
            column,
            reach,
            pixels.Length
        );
    }
}
