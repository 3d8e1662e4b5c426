using System.Runtime.CompilerServices;
using TorchSharp;

namespace Cmsa.Dsl.Onnx.Tests;

internal static class Setup
{
    // Tensors here have a few dozen elements: a thread more costs more than it computes.
    [ModuleInitializer]
    internal static void OneThread() => torch.set_num_threads(1);
}
