using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>What the layers around a layer say of it while a model is elaborated.</summary>
/// <param name="Levels">The names of the levels that it stands in, outermost first.</param>
/// <param name="IsFrozen">Whether training leaves its parameters as they are.</param>
/// <param name="Initializer">
/// The initial value of its weights, where a layer around it says one; the innermost counts.
/// </param>
/// <param name="InFloat32">Whether its parameters are kept in float32 where the model's precision is lower.</param>
/// <param name="Ledger">What has been named so far.</param>
internal sealed record Surroundings(
    Many<string> Levels,
    bool IsFrozen,
    Option<Initializer> Initializer,
    bool InFloat32,
    Ledger Ledger
)
{
    /// <summary>Those of a whole model; each has a ledger of its own.</summary>
    public static Surroundings None => new([], false, Option<Initializer>.None, false, new Ledger());
}
