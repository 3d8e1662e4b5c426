using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>Which of the REFER data sets the scenes resemble.</summary>
public enum SceneFlavour
{
    /// <summary>Short expressions, words of place allowed; testA names round things, testB angular ones.</summary>
    Unc,

    /// <summary>The same without any word of place: nothing depends on where things are.</summary>
    UncPlus,

    /// <summary>Long expressions.</summary>
    Gref,

    /// <summary>Terse expressions, also of several things at once and of the backdrop.</summary>
    Referit,
}

/// <summary>How a flavour speaks.</summary>
/// <param name="Name">The flavour's name.</param>
/// <param name="Splits">Its splits, training first.</param>
/// <param name="Topics">What it speaks of, and how often, in percent.</param>
/// <param name="Extremes">The superlatives it uses.</param>
/// <param name="Relations">The relations it uses.</param>
/// <param name="Voices">The voices it speaks in, each as often.</param>
/// <param name="Elaborate">Whether it relates a thing to two others, and singles out landmarks by superlatives.</param>
internal sealed record Dialect(
    string Name,
    Seq<string> Splits,
    Arr<(SceneTopic Topic, int Percent)> Topics,
    Arr<Extreme> Extremes,
    Arr<Relation> Relations,
    Arr<Voice> Voices,
    bool Elaborate
)
{
    private static readonly Seq<string> Unc = Seq(
        SceneSplit.Train,
        SceneSplit.Validation,
        SceneSplit.TestA,
        SceneSplit.TestB
    );

    private static readonly Arr<Extreme> Sizes = Array(Extreme.Biggest, Extreme.Smallest);

    private static readonly Arr<Extreme> Anything = Array(
        Extreme.Leftmost,
        Extreme.Rightmost,
        Extreme.Topmost,
        Extreme.Bottommost,
        Extreme.Biggest,
        Extreme.Smallest
    );

    private static readonly Arr<Relation> Places = Array(
        Relation.LeftOf,
        Relation.RightOf,
        Relation.Above,
        Relation.Below,
        Relation.NextTo
    );

    private static readonly Arr<Relation> Looks = Array(
        Relation.BiggerThan,
        Relation.SmallerThan,
        Relation.ColoredLike
    );

    /// <summary>The flavour's.</summary>
    public static Dialect Of(SceneFlavour flavour) =>
        flavour switch
        {
            SceneFlavour.Unc => new(
                "unc",
                Unc,
                Array(
                    (SceneTopic.Attribute, 40),
                    (SceneTopic.Position, 25),
                    (SceneTopic.Comparison, 20),
                    (SceneTopic.Relation, 15)
                ),
                Anything,
                Places,
                Array(Voice.Short, Voice.Plain),
                false
            ),
            SceneFlavour.UncPlus => new(
                "unc+",
                Unc,
                Array((SceneTopic.Attribute, 50), (SceneTopic.Comparison, 30), (SceneTopic.Relation, 20)),
                Sizes,
                Looks,
                Array(Voice.Short, Voice.Plain),
                false
            ),
            SceneFlavour.Gref => new(
                "gref",
                Seq(SceneSplit.Train, SceneSplit.Validation),
                Array(
                    (SceneTopic.Attribute, 30),
                    (SceneTopic.Position, 20),
                    (SceneTopic.Comparison, 15),
                    (SceneTopic.Relation, 35)
                ),
                Anything,
                Places.AddRange(Looks),
                Array(Voice.Long),
                true
            ),
            _ => new(
                "referit",
                Seq(SceneSplit.Train, SceneSplit.Validation, SceneSplit.Test),
                Array(
                    (SceneTopic.Attribute, 25),
                    (SceneTopic.Position, 20),
                    (SceneTopic.Comparison, 10),
                    (SceneTopic.Relation, 15),
                    (SceneTopic.Group, 15),
                    (SceneTopic.Background, 15)
                ),
                Anything,
                Places,
                Array(Voice.Short),
                false
            ),
        };

    /// <summary>Whether its scenes have views for backdrops.</summary>
    public bool Views => Topics.Exists(one => one.Topic is SceneTopic.Background);

    /// <summary>One of its topics, each as often as it should be.</summary>
    public SceneTopic Topic(SplitMix random)
    {
        var left = random.Below(100);
        return Topics.First(one => (left -= one.Percent) < 0).Topic;
    }

    /// <summary>All the words it may use, sorted.</summary>
    public Seq<string> Lexicon =>
        toSeq(
                Voices
                    .SelectMany(voice => Samples().SelectMany(expression => Tokens.Of(English.Say(expression, voice))))
                    .Distinct()
                    .Order(StringComparer.Ordinal)
            )
            .Strict();

    // Expressions that between them have every word of the grammar.
    private IEnumerable<SceneExpression> Samples()
    {
        var thing = new Phrase.Noun(null);
        var groups = Topics.Exists(one => one.Topic is SceneTopic.Group);
        IEnumerable<Phrase> phrases =
        [
            thing,
            .. Enum.GetValues<Outline>()
                .SelectMany(outline =>
                    (Phrase[])
                        [new Phrase.Noun(outline), new Phrase.Outstanding(Extreme.Biggest, 1, new Phrase.Noun(outline))]
                ),
            .. Enum.GetValues<Paint>().Select(paint => new Phrase.Painted(paint, thing)),
            new Phrase.Sized(Bulk.Small, thing),
            new Phrase.Sized(Bulk.Large, thing),
            .. Extremes.SelectMany(extreme =>
                (Phrase[])
                    [
                        new Phrase.Outstanding(extreme, 1, thing),
                        .. groups
                            ? [new Phrase.Outstanding(extreme, 2, thing), new Phrase.Outstanding(extreme, 3, thing)]
                            : (Phrase[])[],
                        .. Elaborate
                            ? [new Phrase.Related(thing, Relations[0], new Phrase.Outstanding(extreme, 1, thing))]
                            : (Phrase[])[],
                    ]
            ),
            .. Relations.SelectMany(relation =>
                (Phrase[])
                    [
                        new Phrase.Related(thing, relation, thing),
                        .. Elaborate
                            ? [new Phrase.Related(new Phrase.Related(thing, relation, thing), relation, thing)]
                            : (Phrase[])[],
                    ]
            ),
        ];
        return phrases
            .SelectMany(phrase =>
                (SceneExpression[])
                    [
                        new SceneExpression.One(phrase),
                        .. groups ? [new SceneExpression.Many(phrase)] : (SceneExpression[])[],
                    ]
            )
            .Concat(Views ? Backdrop.Named.Select(ground => (SceneExpression)new SceneExpression.Behind(ground)) : []);
    }
}
