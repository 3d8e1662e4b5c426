using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl;

/// <summary>
/// What happened to one layer while a model was elaborated: what it was given and what it gave, with every size. The
/// traces of a model are a tree, like its layers; a layer that runs once for each level has a trace for each, and its
/// path has the level's name.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Path">Where it stands: segments joined by dots; empty for the model itself.</param>
/// <param name="Input">Its argument.</param>
/// <param name="Output">Its result.</param>
/// <param name="Parts">The parts that it ran, in the order in which it ran them.</param>
public sealed record Trace(Layer Layer, string Path, Signal Input, Signal Output, Many<Trace> Parts)
{
    /// <summary>This trace and all below it, outermost first.</summary>
    public Many<Trace> All => [this, .. Parts.Bind(p => p.All)];
}
