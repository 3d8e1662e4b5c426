using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>How many samples each split of a built-in data set has; a flavour uses those of its own splits.</summary>
/// <param name="Train">Of the training split.</param>
/// <param name="Validation">Of <c>val</c>.</param>
/// <param name="TestA">Of <c>testA</c>.</param>
/// <param name="TestB">Of <c>testB</c>.</param>
/// <param name="Test">Of <c>test</c>.</param>
public sealed record SceneCounts(
    int Train = 20_000,
    int Validation = 1_000,
    int TestA = 1_000,
    int TestB = 1_000,
    int Test = 1_000
)
{
    /// <summary>How many a split has; 0 for a split that does not exist.</summary>
    public int Of(string split) =>
        split switch
        {
            SceneSplit.Train => Train,
            SceneSplit.Validation => Validation,
            SceneSplit.TestA => TestA,
            SceneSplit.TestB => TestB,
            SceneSplit.Test => Test,
            _ => 0,
        };
}

/// <summary>
/// The built-in data sets: pictures of coloured shapes, and expressions that name exactly one part of them and cannot
/// spare a word. A sample is computed from the seed, the flavour, its split and its index alone.
/// </summary>
public sealed record Scenes : IHasCounterparts
{
    private readonly Dialect _dialect;

    private Scenes(SceneFlavour flavour, int seed, int size, SceneCounts counts)
    {
        _dialect = Dialect.Of(flavour);
        (Flavour, Seed, Size, Counts) = (flavour, seed, size, counts);
        Vocabulary = Vocabulary
            .Of(Seq("<pad>", "<go>", "<eos>", "<unk>") + _dialect.Lexicon, Name)
            .IfLeft(error => throw new InvalidOperationException(error.ToString()));
    }

    /// <summary>The built-in data set of a flavour.</summary>
    /// <param name="flavour">Which of the REFER data sets it resembles.</param>
    /// <param name="seed">
    /// Another seed is another data set, whose held-out splits still share no scene with this one's training split.
    /// </param>
    /// <param name="size">Height and width of its pictures, in pixels; at least 32.</param>
    /// <param name="counts">How many samples its splits have.</param>
    public static Scenes Of(SceneFlavour flavour, int seed = 0, int size = 96, SceneCounts? counts = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        return new(flavour, seed, size, counts ?? new());
    }

    /// <summary>Which of the REFER data sets it resembles.</summary>
    public SceneFlavour Flavour { get; }

    /// <summary>What its samples are drawn from.</summary>
    public int Seed { get; }

    /// <summary>Height and width of its pictures, in pixels.</summary>
    public int Size { get; }

    /// <summary>How many samples its splits have.</summary>
    public SceneCounts Counts { get; }

    /// <inheritdoc/>
    public string Name => $"scenes/{_dialect.Name}";

    /// <inheritdoc/>
    public Seq<string> Splits => _dialect.Splits;

    /// <summary>Every word that the flavour's grammar can produce, whatever the seed.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public int Count(string split) => Splits.Exists(one => one == split) ? Counts.Of(split) : 0;

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index) =>
        Describe(split, index).Map(utterance => Drawn(Id(split, index), utterance));

    /// <inheritdoc/>
    public Option<Sample> Counterpart(string split, int index) =>
        DescribeCounterpart(split, index).Map(utterance => Drawn($"{Id(split, index)}/counterpart", utterance));

    /// <summary>What sample <paramref name="index"/> of a split shows and says.</summary>
    public Either<Error, Utterance> Describe(string split, int index) =>
        index >= 0 && index < Count(split)
            ? Spoken(split, index)
            : new Error(
                $"no such sample among the {Count(split)} of {split}",
                Id(split, index),
                Count(split) > 0 ? "" : $"the splits are {string.Join(", ", Splits)}"
            );

    /// <summary>
    /// What the counterpart of a sample shows and says: the same scene, and words for another part of it.
    /// </summary>
    public Option<Utterance> DescribeCounterpart(string split, int index) =>
        Describe(split, index).ToOption().Bind(utterance => Optional(Other(utterance, Random(split, index)[0])));

    private Sample Drawn(string id, Utterance utterance)
    {
        var (picture, mask) = Drawing.Both(utterance.Scene, utterance.Referent, Size);
        return new(id, picture, mask, utterance.Text, Tokens.Of(utterance.Text), utterance.Topic);
    }

    // Scenes are thrown until one belongs to the split, calls for an expression as wished before, so that topics keep
    // their shares, and has
    // something else to name.
    private Utterance Spoken(string split, int index)
    {
        var random = Random(split, index);
        var wish = Wish.Of(_dialect, random[0]);
        for (var attempt = 1; ; attempt++)
        {
            if (Thrown(split, wish, random[attempt]) is { } utterance && Other(utterance, random[0]) is not null)
                return utterance;
        }
    }

    // Finding places takes longest, so what can be decided without them is decided first.
    private Utterance? Thrown(string split, Wish wish, SplitMix random)
    {
        var kinds = Composer.Kinds(random[0]);
        return SceneSplit.Admits(split, kinds) && (!wish.IsOfLooks(_dialect) || In(Composer.Heap(kinds)) is not null)
            ? Composer
                .Arrange(kinds, _dialect.Views, random[1])
                .Bind(scene => Optional(In(scene)))
                .IfNoneUnsafe((Utterance?)null)
            : null;

        Utterance? In(Scene scene) => Said(scene, wish, Named(split, scene), random[2]);
    }

    // The same topic if it can be, and a noun if there is one.
    private Utterance? Other(Utterance utterance, SplitMix random) =>
        (
            from things in (bool[])[false, true]
            from topic in random[4]
                .Shuffle(_dialect.Topics.Map(one => one.Topic))
                .OrderBy(topic => topic != utterance.Expression.Topic)
            let wish = new Wish(topic, utterance.Voice, 1, things)
            select Said(utterance.Scene, wish, All(utterance.Scene) - utterance.Referent, random[5])
        ).FirstOrDefault(other => other is not null);

    private Utterance? Said(Scene scene, Wish wish, Regions targets, SplitMix random) =>
        Speaker.Speak(scene, wish, targets, _dialect, random) is var (expression, referent)
            ? new Utterance(scene, expression, wish.Voice, referent)
            : null;

    private static Regions All(Scene scene) =>
        Enumerable
            .Range(0, scene.Backdrop.Count)
            .Aggregate(Regions.Things(scene.Things.Count), (all, band) => all | Regions.Band(band));

    private static Regions Named(string split, Scene scene) =>
        Enumerable
            .Range(0, scene.Things.Count)
            .Where(i => !SceneSplit.Names(split, scene.Things[i].Kind))
            .Aggregate(All(scene), (all, i) => all - Regions.Thing(i));

    private SplitMix Random(string split, int index) => SplitMix.At(Seed, _dialect.Name, split)[index];

    private string Id(string split, int index) => $"{Name}/{split}/{index}";
}
