using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>Copies of tensors that may have to be brought back to what they were.</summary>
internal sealed class Copies : IDisposable
{
    private readonly (Tensor Tensor, Tensor Copy)[] all;

    private Copies((Tensor, Tensor)[] all) => this.all = all;

    /// <summary>Copies of some tensors as they are now.</summary>
    public static Copies Of(IEnumerable<Tensor> tensors) =>
        new([.. tensors.Select(t => (t, t.detach().clone().DetachFromDisposeScope()))]);

    /// <summary>Writes the copies back.</summary>
    public void Restore()
    {
        using var off = no_grad();
        foreach (var (tensor, copy) in all)
            tensor.copy_(copy);
    }

    /// <summary>Frees the copies; the tensors stay the caller's.</summary>
    public void Dispose()
    {
        foreach (var (_, copy) in all)
            copy.Dispose();
    }
}
