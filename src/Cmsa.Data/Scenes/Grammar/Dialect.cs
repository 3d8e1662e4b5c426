using Cmsa.Data.Scenes.World;
using Cmsa.Data.Words;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>The language of a flavour: its splits, topics and words.</summary>
/// <param name="Name">The flavour's name.</param>
/// <param name="Splits">Its splits, training first.</param>
/// <param name="Topics">Its topics, and how often each one occurs, in percent.</param>
/// <param name="Extremes">The superlatives it uses.</param>
/// <param name="Relations">The relations it uses.</param>
/// <param name="Voices">Its voices, each equally often.</param>
/// <param name="Elaborate">Whether it relates a thing to two others, and describes landmarks with superlatives.</param>
internal sealed record Dialect(
    string Name,
    Many<string> Splits,
    Many<(SceneTopic Topic, int Percent)> Topics,
    Many<Extreme> Extremes,
    Many<Relation> Relations,
    Many<Voice> Voices,
    bool Elaborate
)
{
    private static readonly Many<string> Unc =
    [
        SceneSplit.Train,
        SceneSplit.Validation,
        SceneSplit.TestA,
        SceneSplit.TestB,
    ];

    private static readonly Many<Extreme> Sizes = [Extreme.Biggest, Extreme.Smallest];

    private static readonly Many<Extreme> Anything =
    [
        Extreme.Leftmost,
        Extreme.Rightmost,
        Extreme.Topmost,
        Extreme.Bottommost,
        Extreme.Biggest,
        Extreme.Smallest,
    ];

    private static readonly Many<Relation> Places =
    [
        Relation.LeftOf,
        Relation.RightOf,
        Relation.Above,
        Relation.Below,
        Relation.NextTo,
    ];

    private static readonly Many<Relation> Looks = [Relation.BiggerThan, Relation.SmallerThan, Relation.ColoredLike];

    /// <summary>The dialect of a flavour.</summary>
    public static Dialect Of(SceneFlavour flavour) =>
        flavour switch
        {
            SceneFlavour.Unc => new(
                "unc",
                Unc,
                [
                    (SceneTopic.Attribute, 40),
                    (SceneTopic.Position, 25),
                    (SceneTopic.Comparison, 20),
                    (SceneTopic.Relation, 15),
                ],
                Anything,
                Places,
                [Voice.Short, Voice.Plain],
                Elaborate: false
            ),
            SceneFlavour.UncPlus => new(
                "unc+",
                Unc,
                [(SceneTopic.Attribute, 50), (SceneTopic.Comparison, 30), (SceneTopic.Relation, 20)],
                Sizes,
                Looks,
                [Voice.Short, Voice.Plain],
                Elaborate: false
            ),
            SceneFlavour.Gref => new(
                "gref",
                [SceneSplit.Train, SceneSplit.Validation],
                [
                    (SceneTopic.Attribute, 30),
                    (SceneTopic.Position, 20),
                    (SceneTopic.Comparison, 15),
                    (SceneTopic.Relation, 35),
                ],
                Anything,
                Places + Looks,
                [Voice.Long],
                Elaborate: true
            ),
            _ => new(
                "referit",
                [SceneSplit.Train, SceneSplit.Validation, SceneSplit.Test],
                [
                    (SceneTopic.Attribute, 25),
                    (SceneTopic.Position, 20),
                    (SceneTopic.Comparison, 10),
                    (SceneTopic.Relation, 15),
                    (SceneTopic.Group, 15),
                    (SceneTopic.Background, 15),
                ],
                Anything,
                Places,
                [Voice.Short],
                Elaborate: false
            ),
        };

    /// <summary>Whether its scenes have views for backdrops.</summary>
    public bool Views => Topics.Exists(one => one.Topic is SceneTopic.Background);

    /// <summary>A random topic, each one in its share.</summary>
    public SceneTopic Topic(SplitMix random)
    {
        var left = random.Below(100);
        return Topics.First(one => (left -= one.Percent) < 0).Topic;
    }

    /// <summary>All words that it can use, sorted.</summary>
    public Many<string> Lexicon =>
        [
            .. Voices
                .SelectMany(voice =>
                    Samples().SelectMany(expression => Tokenizer.Split(English.Say(expression, voice)))
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    // Expressions that together contain every word of the grammar.
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
                        .. groups ? [new SceneExpression.Several(phrase)] : (SceneExpression[])[],
                    ]
            )
            .Concat(Views ? Backdrop.Named.Select(ground => (SceneExpression)new SceneExpression.Behind(ground)) : []);
    }
}
