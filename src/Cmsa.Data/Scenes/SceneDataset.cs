using Cmsa.Data.Samples;
using Cmsa.Data.Scenes.Grammar;
using Cmsa.Data.Scenes.World;
using Cmsa.Data.Words;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Scenes;

/// <summary>
/// The built-in data sets: pictures of coloured shapes, and expressions that name exactly one part of them and need
/// each of their words. A sample depends only on the seed, the flavour, its split and its index.
/// </summary>
public sealed record SceneDataset : IHasDistractors
{
    private readonly Dialect _dialect;

    private SceneDataset(SceneFlavour flavour, int seed, int size, SceneCounts counts)
    {
        _dialect = Dialect.Of(flavour);
        (Flavour, Seed, Size, Counts) = (flavour, seed, size, counts);
        Vocabulary = Vocabulary
            .Of(["<pad>", "<go>", "<eos>", "<unk>", .. _dialect.Lexicon], Name)
            .IfLeft(error => throw new InvalidOperationException(error.ToString()));
    }

    /// <summary>The built-in data set of a flavour.</summary>
    /// <param name="flavour">The REFER data set that it resembles.</param>
    /// <param name="seed">
    /// Another seed is another data set; its held-out splits still share no scene with the training split of this one.
    /// </param>
    /// <param name="size">Height and width of its pictures, in pixels; at least 32.</param>
    /// <param name="counts">How many samples its splits have.</param>
    public static SceneDataset Of(SceneFlavour flavour, int seed = 0, int size = 96, SceneCounts? counts = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        return new(flavour, seed, size, counts ?? new());
    }

    /// <summary>The REFER data set that it resembles.</summary>
    public SceneFlavour Flavour { get; }

    /// <summary>The seed of its samples.</summary>
    public int Seed { get; }

    /// <summary>Height and width of its pictures, in pixels.</summary>
    public int Size { get; }

    /// <summary>How many samples its splits have.</summary>
    public SceneCounts Counts { get; }

    /// <inheritdoc/>
    public string Name => $"scenes/{_dialect.Name}";

    /// <inheritdoc/>
    public Many<string> Splits => _dialect.Splits;

    /// <summary>Every word that the flavour's grammar can produce, whatever the seed.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public int Count(string split) => Splits.Contains(split) ? Counts.Of(split) : 0;

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index) =>
        Describe(split, index).Map(utterance => Rendered(Id(split, index), utterance));

    /// <inheritdoc/>
    public Option<Sample> Distractor(string split, int index) =>
        DescribeDistractor(split, index).Map(utterance => Rendered($"{Id(split, index)}/distractor", utterance));

    /// <summary>
    /// The picture of a sample with the shape and the colour of each of its pixels, for models that take no words; an
    /// error where there is no such sample.
    /// </summary>
    public Either<Error, SceneLabels> Labels(string split, int index) =>
        Describe(split, index)
            .Map(utterance =>
            {
                var (picture, parts) = SceneRenderer.Labelled(utterance.Scene, Size);
                var shown = parts.CountBy(part => part).ToDictionary(n => n.Key, n => n.Value);
                var things = utterance.Scene.Things.Zip(
                    Many.Range(utterance.Scene.Things.Count),
                    (thing, i) =>
                        new SceneThing((int)thing.Kind.Outline, (int)thing.Kind.Paint, shown.GetValueOrDefault((byte)(i + 1)))
                );
                return new SceneLabels(picture, things, parts);
            });

    /// <summary>The scene and the expression of a sample.</summary>
    internal Either<Error, Utterance> Describe(string split, int index)
    {
        if (index >= 0 && index < Count(split))
            return Spoken(split, index);
        var hint = Count(split) > 0 ? "" : $"the splits are {string.Join(", ", Splits)}";
        return new Error($"no such sample among the {Count(split)} of {split}", Id(split, index), hint);
    }

    /// <summary>The scene of a sample, and an expression for another part of it.</summary>
    internal Option<Utterance> DescribeDistractor(string split, int index) =>
        Describe(split, index).ToOption().Bind(utterance => Optional(Other(utterance, Random(split, index)[0])));

    private Sample Rendered(string id, Utterance utterance)
    {
        var (picture, mask) = SceneRenderer.Both(utterance.Scene, utterance.Referent, Size);
        return new(id, picture, mask, utterance.Text, Tokenizer.Split(utterance.Text), utterance.Topic);
    }

    // Scenes are drawn until one belongs to the split, allows an expression for the wish (which was drawn before, so
    // topics keep their shares), and has something else to name.
    private Utterance Spoken(string split, int index)
    {
        var random = Random(split, index);
        var wish = Wish.Of(_dialect, random[0]);
        for (var attempt = 1; ; attempt++)
        {
            if (Drawn(split, wish, random[attempt]) is { } utterance && Other(utterance, random[0]) is not null)
                return utterance;
        }
    }

    // To place things takes longest, so everything that does not depend on places is decided before.
    private Utterance? Drawn(string split, Wish wish, SplitMix random)
    {
        var kinds = Composer.Kinds(random[0]);
        if (!SceneSplit.Admits(split, kinds))
            return null;
        if (wish.IsOfLooks(_dialect) && In(Composer.Heap(kinds)) is null)
            return null;
        return Composer
            .Arrange(kinds, _dialect.Views, random[1])
            .Bind(scene => Optional(In(scene)))
            .IfNoneUnsafe((Utterance?)null);

        Utterance? In(Scene scene) => Said(scene, wish, Named(split, scene), random[2]);
    }

    // Of the same topic where possible, and with a noun where possible.
    private Utterance? Other(Utterance utterance, SplitMix random)
    {
        var targets = All(utterance.Scene) - utterance.Referent;
        var topics = random[4]
            .Shuffle(_dialect.Topics.Map(share => share.Topic))
            .OrderBy(topic => topic != utterance.Expression.Topic);
        var wishes =
            from things in (bool[])[false, true]
            from topic in topics
            select new Wish(topic, utterance.Voice, 1, things);
        return wishes
            .Select(wish => Said(utterance.Scene, wish, targets, random[5]))
            .FirstOrDefault(other => other is not null);
    }

    private Utterance? Said(Scene scene, Wish wish, SceneParts targets, SplitMix random) =>
        Speaker.Speak(scene, wish, targets, _dialect, random) is var (expression, referent)
            ? new Utterance(scene, expression, wish.Voice, referent)
            : null;

    private static SceneParts All(Scene scene) =>
        Enumerable
            .Range(0, scene.Backdrop.Count)
            .Aggregate(SceneParts.Things(scene.Things.Count), (all, band) => all | SceneParts.Band(band));

    private static SceneParts Named(string split, Scene scene) =>
        Enumerable
            .Range(0, scene.Things.Count)
            .Where(i => !SceneSplit.Names(split, scene.Things[i].Kind))
            .Aggregate(All(scene), (all, i) => all - SceneParts.Thing(i));

    private SplitMix Random(string split, int index) => SplitMix.At(Seed, _dialect.Name, split)[index];

    private string Id(string split, int index) => $"{Name}/{split}/{index}";
}
