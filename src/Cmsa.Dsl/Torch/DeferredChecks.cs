using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Checks of values on a GPU, which nothing waits for while a stage is run: they stay on the GPU until the stage has
/// ended, and are then read together, once. Where one fails, the stage is run again in the stable way.
/// </summary>
internal sealed class DeferredChecks : IDisposable
{
    [ThreadStatic]
    private static DeferredChecks? current;

    private readonly DeferredChecks? outer = current;
    private readonly List<Tensor> passes = [];

    private DeferredChecks(bool areStable)
    {
        AreStable = areStable;
        current = this;
    }

    /// <summary>Those of the stage that this thread runs; none where values can be looked at for free.</summary>
    public static DeferredChecks? Current => current;

    /// <summary>Whether a check of the stage has failed before, so that each kernel takes its stable way.</summary>
    public bool AreStable { get; }

    /// <summary>
    /// Runs a stage whose kernels look at values; where a check fails, it is undone and run again in the stable way.
    /// </summary>
    /// <param name="run">Runs the stage.</param>
    /// <param name="undo">Brings everything back to where it was before.</param>
    public static void Run(Action run, Action undo)
    {
        using (var checks = new DeferredChecks(areStable: false))
        {
            run();
            if (!checks.HaveFailed())
                return;
        }
        undo();
        using (new DeferredChecks(areStable: true))
            run();
    }

    /// <summary>Looks at a check when the stage has ended.</summary>
    /// <param name="passed">One bool, on the device: whether the check passed. It becomes this one's to dispose.</param>
    public void Add(Tensor passed) => passes.Add(passed.DetachFromDisposeScope());

    /// <summary>Ends the checks.</summary>
    public void Dispose()
    {
        foreach (var pass in passes)
            pass.Dispose();
        current = outer;
    }

    private bool HaveFailed()
    {
        // The meta device has shapes and no numbers.
        if (passes.Count == 0 || passes[0].device_type == DeviceType.META)
            return false;
        using var scope = NewDisposeScope();
        return !stack(passes).all().item<bool>();
    }
}
