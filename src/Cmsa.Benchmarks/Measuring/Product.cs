using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Benchmarks.Measuring;

/// <summary>What a plain product of matrices reaches on this machine: the measure of everything else.</summary>
public static class Product
{
    private const long Side = 2048;

    /// <summary>Multiply-adds a second of a product of two square matrices of 2048 rows, at best.</summary>
    /// <param name="on">Where, and in which precision.</param>
    /// <param name="within">How long it may be tried.</param>
    public static double Rate(Kernels.DeviceContext on, TimeSpan within)
    {
        using var scope = NewDisposeScope();
        using var mode = torch.no_grad();
        Tensor a = torch.rand([Side, Side], on.Real, on.Device),
            b = torch.rand([Side, Side], on.Real, on.Device);
        Multiply();
        return Side * Side * Side / Times.Of(Multiply, 40, within).Least.TotalSeconds;

        void Multiply()
        {
            a.matmul(b).Dispose();
            on.Wait();
        }
    }

    /// <summary>Waits until all that a device was given to do is done.</summary>
    public static void Wait(this Kernels.DeviceContext on)
    {
        if (on.Device.type == DeviceType.CUDA)
            cuda.synchronize();
    }
}
