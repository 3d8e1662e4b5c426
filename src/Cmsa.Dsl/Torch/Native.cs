using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>Whether TorchSharp's native library loads on this machine.</summary>
public static class Native
{
    private static readonly Lazy<Option<string>> problem = new(Try);

    /// <summary>What keeps it from loading and what to do about it, in one sentence; none where it loads.</summary>
    public static Option<string> Problem => problem.Value;

    private static Option<string> Try()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            using var one = torch.ones(1);
            return None;
        }
        catch (Exception e)
            when (e
                    is TypeInitializationException
                        or DllNotFoundException
                        or NotSupportedException
                        or BadImageFormatException
                        or EntryPointNotFoundException
            )
        {
            var cause = e.GetBaseException().Message;
            return OperatingSystem.IsLinux()
                ? "TorchSharp's native library does not load here (it needs the libstdc++ of GCC 13 or newer): "
                    + "run build/native-runtime.sh once, "
                    + $"or install libstdc++6 of Debian 13, Ubuntu 24.04 or Fedora 38. [{FirstLine(cause)}]"
                : $"TorchSharp's native library does not load here: {FirstLine(cause)}";
        }
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
