using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes.Grammar;

/// <summary>How expressions are worded.</summary>
internal enum Voice
{
    /// <summary>As people type when they are in a hurry: "left red circle".</summary>
    Short,

    /// <summary>As people speak: "the red circle on the left".</summary>
    Plain,

    /// <summary>In whole clauses: "the red circle that is farthest to the left".</summary>
    Long,
}

/// <summary>
/// Writes expressions in English. Within a voice, different expressions of the grammar give different texts.
/// </summary>
internal static class English
{
    /// <summary>The expression in words, lower case, without punctuation.</summary>
    public static string Say(SceneExpression expression, Voice voice) =>
        expression switch
        {
            SceneExpression.One(var phrase) => Said(phrase, voice, false),
            SceneExpression.Several(var phrase) => Said(phrase, voice, true),
            SceneExpression.Behind(var ground) => The(voice, Word(ground)),
            _ => "",
        };

    private static string Said(Phrase phrase, Voice voice, bool many) =>
        voice switch
        {
            Voice.Short => Brief(phrase, many),
            Voice.Plain => Plainly(phrase, many),
            _ => AtLength(phrase, many),
        };

    private static string Brief(Phrase phrase, bool many) =>
        phrase switch
        {
            Phrase.Related(var of, var relation, var landmark) =>
                $"{Brief(of, many)} {And(of)}{Word(relation, Voice.Short)} {Noun(landmark, Voice.Short, false)}",
            _ => Noun(phrase, Voice.Short, many),
        };

    private static string Plainly(Phrase phrase, bool many) =>
        phrase switch
        {
            Phrase.Outstanding({ IsPlace: true } extreme, var count, var of) =>
                $"the {Number(count)}{Noun(of, Voice.Plain, many)} {Where(extreme)}",
            Phrase.Related(var of, var relation, var landmark) =>
                $"{Plainly(of, many)} {And(of)}{Word(relation, Voice.Plain)} the {Noun(landmark, Voice.Plain, false)}",
            _ => $"the {Noun(phrase, Voice.Plain, many)}",
        };

    private static string AtLength(Phrase phrase, bool many) =>
        phrase switch
        {
            Phrase.Outstanding({ IsPlace: true } extreme, var count, var of) =>
                $"the {Number(count)}{Noun(of, Voice.Long, many)} that {Are(many)} {Far(extreme)}",
            Phrase.Outstanding(var extreme, var count, var of) =>
                $"the {Number(count)}{Word(extreme, Voice.Long)} of all the {Noun(of, Voice.Long, true)}",
            Phrase.Related(var of, var relation, var landmark) =>
                $"{Before(of, many)} {Are(many, relation)} {Word(relation, Voice.Long)}"
                    + $" the {Noun(landmark, Voice.Long, false)}",
            Phrase.Sized(var bulk, Phrase.Painted(var paint, var of)) =>
                $"the {Noun(of, Voice.Long, many)} in the picture"
                    + $" that {Are(many)} {Word(bulk, Voice.Long)} and {Word(paint)}",
            Phrase.Sized(var bulk, var of) =>
                $"the {Noun(of, Voice.Long, many)} in the picture that {Are(many)} {Word(bulk, Voice.Long)}",
            Phrase.Painted(var paint, var of) =>
                $"the {Noun(of, Voice.Long, many)} in the picture that {Are(many)} {Word(paint)}",
            _ => $"the {Noun(phrase, Voice.Long, many)} in the picture",
        };

    // What comes before a relation: a noun, or a phrase with a relation of its own.
    private static string Before(Phrase of, bool many) =>
        of is Phrase.Related ? $"{AtLength(of, many)} and" : $"the {Noun(of, Voice.Long, many)} that";

    // A phrase as a noun with its modifiers.
    private static string Noun(Phrase phrase, Voice voice, bool many) =>
        phrase switch
        {
            Phrase.Noun(var outline) => Word(outline, many),
            Phrase.Painted(var paint, var of) => $"{Word(paint)} {Noun(of, voice, many)}",
            Phrase.Sized(var bulk, var of) => $"{Word(bulk, voice)} {Noun(of, voice, many)}",
            Phrase.Outstanding(var extreme, var count, var of) =>
                $"{Word(extreme, voice)} {Number(count)}{Noun(of, voice, many)}",
            Phrase.Related(var of, var relation, var landmark) =>
                $"{Noun(of, voice, many)} {Word(relation, voice)} {The(voice, Noun(landmark, voice, false))}",
            _ => "",
        };

    private static string The(Voice voice, string noun) => voice is Voice.Short ? noun : $"the {noun}";

    private static string And(Phrase before) => before is Phrase.Related ? "and " : "";

    private static string Are(bool many) => many ? "are" : "is";

    private static string Are(bool many, Relation relation) =>
        relation is not Relation.ColoredLike ? Are(many)
        : many ? "have"
        : "has";

    private static string Number(int count) =>
        count switch
        {
            1 => "",
            2 => "two ",
            3 => "three ",
            _ => $"{count} ",
        };

    private static string Word(Outline? outline, bool many) =>
        (outline, many) switch
        {
            (Outline.Circle, false) => "circle",
            (Outline.Circle, true) => "circles",
            (Outline.Ring, false) => "ring",
            (Outline.Ring, true) => "rings",
            (Outline.Square, false) => "square",
            (Outline.Square, true) => "squares",
            (Outline.Triangle, false) => "triangle",
            (Outline.Triangle, true) => "triangles",
            (Outline.Star, false) => "star",
            (Outline.Star, true) => "stars",
            (Outline.Cross, false) => "cross",
            (Outline.Cross, true) => "crosses",
            (_, false) => "thing",
            (_, true) => "things",
        };

    private static string Word(Paint paint) =>
        paint switch
        {
            Paint.Red => "red",
            Paint.Orange => "orange",
            Paint.Yellow => "yellow",
            Paint.Green => "green",
            Paint.Blue => "blue",
            Paint.Purple => "purple",
            _ => "black",
        };

    private static string Word(Bulk bulk, Voice voice) =>
        (bulk, voice) switch
        {
            (Bulk.Small, Voice.Long) => "little",
            (Bulk.Small, _) => "small",
            (Bulk.Medium, _) => "medium",
            (_, Voice.Plain) => "large",
            _ => "big",
        };

    private static string Word(Ground? ground) =>
        ground switch
        {
            Ground.Paper => "paper",
            Ground.Sky => "sky",
            Ground.Grass => "grass",
            Ground.Water => "water",
            Ground.Sand => "sand",
            Ground.Wall => "wall",
            Ground.Floor => "floor",
            _ => "background",
        };

    private static string Word(Extreme extreme, Voice voice) =>
        (extreme, voice) switch
        {
            (Extreme.Leftmost, Voice.Short) => "left",
            (Extreme.Leftmost, _) => "leftmost",
            (Extreme.Rightmost, Voice.Short) => "right",
            (Extreme.Rightmost, _) => "rightmost",
            (Extreme.Topmost, Voice.Short) => "top",
            (Extreme.Topmost, _) => "topmost",
            (Extreme.Bottommost, Voice.Short) => "bottom",
            (Extreme.Bottommost, _) => "bottommost",
            (Extreme.Biggest, Voice.Plain) => "largest",
            (Extreme.Biggest, _) => "biggest",
            _ => "smallest",
        };

    private static string Where(Extreme extreme) =>
        extreme switch
        {
            Extreme.Leftmost => "on the left",
            Extreme.Rightmost => "on the right",
            Extreme.Topmost => "at the top",
            _ => "at the bottom",
        };

    private static string Far(Extreme extreme) =>
        extreme switch
        {
            Extreme.Leftmost => "farthest to the left",
            Extreme.Rightmost => "farthest to the right",
            Extreme.Topmost => "highest in the picture",
            _ => "lowest in the picture",
        };

    private static string Word(Relation relation, Voice voice) =>
        (relation, voice) switch
        {
            (Relation.LeftOf, Voice.Short) => "left of",
            (Relation.LeftOf, _) => "to the left of",
            (Relation.RightOf, Voice.Short) => "right of",
            (Relation.RightOf, _) => "to the right of",
            (Relation.Above, _) => "above",
            (Relation.Below, _) => "below",
            (Relation.NextTo, _) => "next to",
            (Relation.BiggerThan, Voice.Plain) => "larger than",
            (Relation.BiggerThan, _) => "bigger than",
            (Relation.SmallerThan, _) => "smaller than",
            (_, Voice.Short) => "same color as",
            (_, Voice.Plain) => "with the same color as",
            _ => "the same color as",
        };
}
