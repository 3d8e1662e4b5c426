using System.Globalization;
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
        if (!IsCuda(device, out var index))
            return Some(Error.Misfit($"device {device}", "cpu, cuda or cuda:N, N from 0", "name a device that exists"));
        if (!torch.cuda.is_available())
            return Some(
                Error.Misfit(
                    $"device {device}",
                    "a CUDA device",
                    "build with -p:Torch=cuda on a machine with a GPU, or use cpu"
                )
            );
        var count = torch.cuda.device_count();
        return index < count
            ? None
            : Some(
                Error.Misfit(
                    $"device {device}",
                    $"one of the {count} here, cuda:0 to cuda:{count - 1}",
                    "name a device that exists"
                )
            );
    }

    private static bool IsCuda(string device, out int index)
    {
        index = 0;
        if (device == "cuda")
            return true;
        const string prefix = "cuda:";
        return device.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }
}
