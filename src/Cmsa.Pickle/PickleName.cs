namespace Cmsa.Pickle;

/// <summary>A name that a pickle imports, as Python writes it: <c>collections OrderedDict</c>.</summary>
/// <param name="Module">The module: <c>torch._utils</c>.</param>
/// <param name="Name">The name in the module: <c>_rebuild_tensor_v2</c>; with dots where it is nested.</param>
public sealed record PickleName(string Module, string Name)
{
    /// <summary>Module and name, with a space between.</summary>
    public override string ToString() => $"{Module} {Name}";
}
