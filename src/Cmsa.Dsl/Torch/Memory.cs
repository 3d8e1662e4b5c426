using System.Runtime.InteropServices;

namespace Cmsa.Dsl.Torch;

/// <summary>How the process deals with memory that it has freed.</summary>
public static class Memory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1, MapThreshold = -3;
    private const int Largest = 32 << 20;

    /// <summary>
    /// From now on the process keeps up to this much memory that is free, for the next run, where the C library is glibc; elsewhere nothing happens. Otherwise it gives
    /// the memory of one run back to the system, and the next run waits while the system clears it page by page: a tenth of the time of a model. For programs that run
    /// models; a library should not decide this for its host.
    /// </summary>
    /// <param name="bytes">How much; less than 2 GiB.</param>
    public static void Keep(int bytes = 1 << 30)
    {
        if (!OperatingSystem.IsLinux()) return;
        try { _ = (mallopt(MapThreshold, Largest), mallopt(TrimThreshold, bytes)); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mallopt(int parameter, int value);
}
