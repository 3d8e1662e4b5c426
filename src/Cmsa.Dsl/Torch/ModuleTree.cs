using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The segments of a path as modules in each other, so that parameters go by their paths in TorchSharp too.
/// </summary>
internal sealed class ModuleTree(nn.Module module)
{
    private readonly Dictionary<string, ModuleTree> below = [];

    /// <summary>Registers a parameter or a statistic under its path.</summary>
    /// <param name="path">The path from here.</param>
    /// <param name="start">Its initial value, which the module takes over.</param>
    /// <param name="role">What training does with it.</param>
    /// <param name="training">Whether the module can be trained.</param>
    public void Register(string path, Tensor start, Role role, bool training)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            Below(path[..dot]).Register(path[(dot + 1)..], start, role, training);
            return;
        }
        if (role == Role.Statistic)
        {
            module.register_buffer(path, start.DetachFromDisposeScope());
            return;
        }
        var parameter = new TorchSharp.Modules.Parameter(start, training && role != Role.Frozen);
        parameter.DetachFromDisposeScope();
        module.register_parameter(path, parameter);
    }

    private ModuleTree Below(string segment)
    {
        if (below.TryGetValue(segment, out var node))
            return node;
        var child = new Part();
        module.register_module(segment, child);
        return below[segment] = new ModuleTree(child);
    }

    private sealed class Part() : nn.Module("part");
}
