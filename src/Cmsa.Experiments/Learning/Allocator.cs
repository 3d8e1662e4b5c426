using System.Runtime.InteropServices;

namespace Cmsa.Experiments;

/// <summary>
/// The C library's allocator, told to keep the memory that tensors free for the next ones. Left alone it gives memory back to the system after every other step
/// and takes it again page by page: a tenth of the time of a small model's training.
/// </summary>
internal static class Allocator
{
    // Parameters of glibc's mallopt; 32 MB is the greatest threshold that it takes.
    private const int TrimThreshold = -1, TopPad = -2, MapThreshold = -3;

    private static readonly Lazy<bool> kept = new(() => OperatingSystem.IsLinux() && Set(TrimThreshold, 1 << 30) & Set(TopPad, 64 << 20) & Set(MapThreshold, 32 << 20));

    /// <summary>Whether freed memory is kept from now on: on Linux with glibc; elsewhere nothing happens.</summary>
    public static bool Keep() => kept.Value;

    private static bool Set(int parameter, int value)
    {
        try
        {
            return Mallopt(parameter, value) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "mallopt"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mallopt(int parameter, int value);
}
