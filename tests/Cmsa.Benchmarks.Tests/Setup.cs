using System.Runtime.CompilerServices;
using TorchSharp;

// Memory is measured of the whole process: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Cmsa.Benchmarks.Tests;

internal static class Setup
{
    [ModuleInitializer]
    internal static void Alone()
    {
        torch.set_num_threads(1);
        Memory.GiveBack();
    }
}
