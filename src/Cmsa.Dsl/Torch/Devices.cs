using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>The devices that modules run on.</summary>
public static class Devices
{
    /// <summary>What keeps models from running on a device; none where they can.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    public static Option<Error> Problem(string device)
    {
        if (Native.Problem.Case is string problem)
            return Some(Error.Misfit("no TorchSharp", "its native library", problem));
        if (device == "cpu")
            return None;
        if (!device.StartsWith("cuda", StringComparison.Ordinal))
            return Some(Error.Misfit($"device {device}", "cpu, cuda or cuda:N", "name a device that exists"));
        return torch.cuda.is_available()
            ? None
            : Some(
                Error.Misfit(
                    $"device {device}",
                    "a CUDA device",
                    "build with -p:Torch=cuda on a machine with a GPU, or use cpu"
                )
            );
    }
}
