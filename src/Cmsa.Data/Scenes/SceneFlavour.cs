namespace Cmsa.Data.Scenes;

/// <summary>The flavours of the built-in scenes: the REFER data set that they resemble.</summary>
public enum SceneFlavour
{
    /// <summary>Short expressions with words of place; testA names round things, testB angular ones.</summary>
    Unc,

    /// <summary>The same without words of place: no expression depends on where things are.</summary>
    UncPlus,

    /// <summary>Long expressions.</summary>
    Gref,

    /// <summary>Terse expressions, also for groups of things and for the backdrop.</summary>
    Referit,
}
