using System.Runtime.InteropServices;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// How the process deals with memory that it has freed, where the C library is glibc; elsewhere nothing happens. For
/// programs that run models: a library should not decide this for its host.
/// </summary>
public static class Memory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1,
        MapThreshold = -3;

    /// <summary>
    /// From now on what is freed is kept for the next run: for many runs. Otherwise it goes back to the system, and the
    /// next run waits while the system clears it page by page, up to a tenth of its time. The process holds more than
    /// it needs, since what is kept falls to pieces.
    /// </summary>
    public static void Keep() => Set(mapFrom: 32 << 20, trimFrom: 1 << 30);

    /// <summary>
    /// From now on what is freed goes back to the system at once: for one run. The process holds what the model needs.
    /// </summary>
    public static void GiveBack() => Set(mapFrom: 64 << 10, trimFrom: 0);

    private static void Set(int mapFrom, int trimFrom)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = (mallopt(MapThreshold, mapFrom), mallopt(TrimThreshold, trimFrom));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mallopt(int parameter, int value);
}
