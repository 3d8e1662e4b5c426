using FsCheck;
using FsCheck.Xunit;

namespace Cmsa.Data.Tests;

/// <summary>
/// Laws of the built-in expressions: each one names one part of its picture, and each of its words matters.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ScenesGrammarTests
{
    [Property(MaxTest = 400)]
    public bool An_expression_names_its_referent_and_every_word_matters(
        SceneFlavour flavour,
        int seed,
        NonNegativeInt index
    ) => Said(flavour, seed, index.Get).All(one => Reductions.IsSharp(one.Scene, one.Expression, one.Referent));

    [Property(MaxTest = 100)]
    public bool Whoever_only_hears_the_words_and_sees_the_picture_finds_the_same_part(
        SceneFlavour flavour,
        int seed,
        NonNegativeInt index
    ) =>
        Said(flavour, seed, index.Get)
            .All(one => new Listener(one.Scene).Hear(one.Text).SequenceEqual(one.Referent.Parts));

    [Property(MaxTest = 100)]
    public bool Whoever_hears_one_word_less_does_not(SceneFlavour flavour, int seed, NonNegativeInt index) =>
        Said(flavour, seed, index.Get)
            .All(one =>
            {
                var listener = new Listener(one.Scene);
                return Reductions
                    .Of(one.Expression)
                    .All(less => !listener.Hear(English.Say(less, one.Voice)).SequenceEqual(one.Referent.Parts));
            });

    [Property(MaxTest = 400)]
    public bool Every_word_is_taken_away_once(SceneFlavour flavour, int seed, NonNegativeInt index) =>
        Said(flavour, seed, index.Get)
            .All(one =>
                Reductions.Of(one.Expression).Count() == one.Expression.Weight
                && Reductions.Of(one.Expression).All(less => less.Weight < one.Expression.Weight)
            );

    [Property(MaxTest = 400)]
    public bool In_a_mirror_left_is_right(SceneFlavour flavour, int seed, NonNegativeInt index) =>
        Said(flavour, seed, index.Get)
            .All(one => Denotation.Of(Mirrored(one.Scene), Mirrored(one.Expression)) == one.Referent);

    [Property(MaxTest = 400)]
    public bool Without_words_of_place_it_does_not_matter_where_things_are(int seed, NonNegativeInt index) =>
        Said(SceneFlavour.UncPlus, seed, index.Get)
            .All(one => Denotation.Of(Heaped(one.Scene), one.Expression) == one.Referent);

    [Property(MaxTest = 400)]
    public bool Nothing_about_where_things_are_is_a_close_call(SceneFlavour flavour, int seed, NonNegativeInt index) =>
        Said(flavour, seed, index.Get)
            .All(one =>
            {
                var pairs =
                    from a in one.Scene.Things
                    from b in one.Scene.Things
                    where !ReferenceEquals(a, b)
                    select (a, b);
                return pairs.All(pair => Judgement.AreClear(pair.a, pair.b));
            });

    [Fact]
    public void Different_expressions_are_different_texts() =>
        Assert.All(
            from flavour in Enum.GetValues<SceneFlavour>()
            from i in Enumerable.Range(0, 1500)
            from one in Said(flavour, 0, i)
            group one.Expression by (one.Voice, one.Text),
            group => Assert.Single(group.Distinct())
        );

    [Fact]
    public void A_bigger_bulk_is_more_pixels_whatever_the_outlines() =>
        Assert.True(
            Areas(Bulk.Small).Max() < Areas(Bulk.Medium).Min() && Areas(Bulk.Medium).Max() < Areas(Bulk.Large).Min()
        );

    private static IEnumerable<int> Areas(Bulk bulk) =>
        Enum.GetValues<Outline>()
            .Select(outline => SceneRenderer.Mask(Alone(new(outline, Paint.Red, bulk)), SceneParts.Thing(0), 96).Area);

    private static Scene Alone(ThingKind kind) =>
        new([new(Ground.Paper, 1000, 226, 226, 222)], [new(kind, 500, 500, 0)], new(100, 0, 0, 0));

    // A sample's own expression and its counterpart's.
    private static Many<Utterance> Said(SceneFlavour flavour, int seed, int index)
    {
        var scenes = SceneDataset.Of(flavour, seed);
        var split = scenes.Splits[index % scenes.Splits.Count];
        var at = index % scenes.Count(split);
        return [scenes.Describe(split, at).Value(), .. scenes.DescribeDistractor(split, at).ToMany()];
    }

    private static Scene Mirrored(Scene scene) =>
        scene with
        {
            Things = scene.Things.Map(thing => thing with { Column = 1000 - thing.Column }),
        };

    private static Scene Heaped(Scene scene) =>
        scene with
        {
            Things = scene.Things.Map(thing => thing with { Column = 500, Row = 500 }),
        };

    private static SceneExpression Mirrored(SceneExpression expression) =>
        expression switch
        {
            SceneExpression.One(var phrase) => new SceneExpression.One(Mirrored(phrase)),
            SceneExpression.Several(var phrase) => new SceneExpression.Several(Mirrored(phrase)),
            _ => expression,
        };

    private static Phrase Mirrored(Phrase phrase) =>
        phrase switch
        {
            Phrase.Painted(var paint, var of) => new Phrase.Painted(paint, Mirrored(of)),
            Phrase.Sized(var bulk, var of) => new Phrase.Sized(bulk, Mirrored(of)),
            Phrase.Outstanding(var extreme, var count, var of) => new Phrase.Outstanding(
                extreme switch
                {
                    Extreme.Leftmost => Extreme.Rightmost,
                    Extreme.Rightmost => Extreme.Leftmost,
                    _ => extreme,
                },
                count,
                Mirrored(of)
            ),
            Phrase.Related(var of, var relation, var landmark) => new Phrase.Related(
                Mirrored(of),
                relation switch
                {
                    Relation.LeftOf => Relation.RightOf,
                    Relation.RightOf => Relation.LeftOf,
                    _ => relation,
                },
                Mirrored(landmark)
            ),
            _ => phrase,
        };
}
