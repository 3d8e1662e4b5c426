using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>Finds an expression for a part of a scene: one that names it, and of which every word is needed.</summary>
internal static class Speaker
{
    private const int Longest = 20;
    private const int Ties = 10;

    /// <summary>
    /// A sharp expression for one of the targets (for several of them where the topic is groups), as the wish asks, and
    /// the part of the scene that it names. Null where the scene allows none.
    /// </summary>
    public static (SceneExpression Expression, SceneParts Referent)? Speak(
        Scene scene,
        Wish wish,
        SceneParts targets,
        Dialect dialect,
        SplitMix random
    )
    {
        foreach (var expression in Candidates(scene, wish, targets, dialect, random).Where(wish.IsMetBy))
        {
            var referent = Denotation.Of(scene, expression);
            if (
                referent != SceneParts.None
                && referent - targets == SceneParts.None
                && Reductions.IsSharp(scene, expression, referent)
                && (!dialect.Elaborate || English.Say(expression, wish.Voice).AsSpan().Count(' ') < Longest)
            )
                return (expression, referent);
        }

        return null;
    }

    private static IEnumerable<SceneExpression> Candidates(
        Scene scene,
        Wish wish,
        SceneParts targets,
        Dialect dialect,
        SplitMix random
    ) =>
        wish.Topic is SceneTopic.Background
            ? random
                .Shuffle(scene.Backdrop.Where((_, i) => targets.Has(SceneParts.Most + i)))
                .Select(band => new SceneExpression.Behind(band.Ground))
            : random
                .Shuffle(targets.Parts.Where(part => part < SceneParts.Most))
                .SelectMany(target => About(scene, wish, target, dialect, random[target]));

    private static IEnumerable<SceneExpression> About(
        Scene scene,
        Wish wish,
        int target,
        Dialect dialect,
        SplitMix random
    )
    {
        var descriptions = Descriptions(scene.Things[target].Kind, wish.Things);
        return wish.Topic switch
        {
            SceneTopic.Attribute => Ones(random.Shuffle(descriptions.Where(phrase => phrase is not Phrase.Noun(null)))),
            SceneTopic.Position => Ones(Most(extreme => extreme.IsPlace)),
            SceneTopic.Comparison => Ones(Most(extreme => !extreme.IsPlace)),
            SceneTopic.Relation => Ones(Related(scene, target, dialect, wish.Things, random)),
            _ => random[0].Shuffle(Enumerable.Range(0, 3)).SelectMany(Group),
        };

        IEnumerable<Phrase> Most(Func<Extreme, bool> allowed) =>
            Outstanding(scene, target, 1, dialect.Extremes.Where(allowed), wish.Things, random);

        IEnumerable<SceneExpression> Group(int way)
        {
            IEnumerable<Phrase> phrases = way switch
            {
                0 => random[1].Shuffle(descriptions),
                1 => Outstanding(scene, target, random[2].Between(2, 3), dialect.Extremes, wish.Things, random[3]),
                _ => Related(scene, target, dialect, wish.Things, random[4]),
            };
            return phrases.Select(phrase => new SceneExpression.Several(phrase));
        }
    }

    private static IEnumerable<SceneExpression> Ones(IEnumerable<Phrase> phrases) =>
        phrases.Select(phrase => new SceneExpression.One(phrase));

    // All descriptions of a thing by shape, colour and size.
    private static Phrase[] Descriptions(ThingKind kind, bool things)
    {
        Phrase[] nouns = [new Phrase.Noun(kind.Outline), .. things ? [new Phrase.Noun(null)] : (Phrase[])[]];
        Phrase[] painted = [.. nouns, .. nouns.Select(noun => new Phrase.Painted(kind.Paint, noun))];
        return kind.Bulk is Bulk.Medium
            ? painted
            : [.. painted, .. painted.Select(phrase => new Phrase.Sized(kind.Bulk, phrase))];
    }

    private static Phrase[] Outstanding(
        Scene scene,
        int target,
        int count,
        IEnumerable<Extreme> extremes,
        bool things,
        SplitMix random
    ) =>
        random.Shuffle(
            from phrase in Descriptions(scene.Things[target].Kind, things)
            from extreme in extremes
            where extreme.IsPlace || phrase is not Phrase.Sized
            select (Phrase)new Phrase.Outstanding(extreme, count, phrase)
        );

    private static IEnumerable<Phrase> Related(Scene scene, int target, Dialect dialect, bool things, SplitMix random)
    {
        var thing = scene.Things[target];
        var heads = random[0].Shuffle(Descriptions(thing.Kind, things));
        var ties = random[1]
            .Shuffle(
                from other in Enumerable.Range(0, scene.Things.Count)
                where other != target
                let mark = Landmark(scene, other, dialect, things, random[2][other])
                where mark is not null
                from relation in dialect.Relations
                where relation.Holds(thing, scene.Things[other]) && !(relation is Relation.ColoredLike && Paints(mark))
                select (other, relation, mark)
            );
        var one = from head in heads from tie in ties select (Phrase)new Phrase.Related(head, tie.relation, tie.mark);
        var two =
            from head in heads
            from first in ties.Take(Ties)
            from second in ties.Take(Ties)
            where first.other < second.other && first.relation != second.relation
            select (Phrase)
                new Phrase.Related(new Phrase.Related(head, first.relation, first.mark), second.relation, second.mark);
        return dialect.Elaborate && random[3].Below(2) == 0 ? two.Concat(one) : one;
    }

    // A description of a thing as a landmark.
    private static Phrase? Landmark(Scene scene, int thing, Dialect dialect, bool things, SplitMix random) =>
        random[0]
            .Shuffle(Descriptions(scene.Things[thing].Kind, things))
            .Concat(dialect.Elaborate ? Outstanding(scene, thing, 1, dialect.Extremes, things, random[1]) : [])
            .FirstOrDefault(phrase =>
                Reductions.IsSharp(scene, new SceneExpression.One(phrase), SceneParts.Thing(thing))
            );

    private static bool Paints(Phrase phrase) =>
        phrase switch
        {
            Phrase.Painted => true,
            Phrase.Sized(_, var of) => Paints(of),
            Phrase.Outstanding(_, _, var of) => Paints(of),
            _ => false,
        };
}
