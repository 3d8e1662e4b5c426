using System.Runtime.InteropServices;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks.Measuring;

/// <summary>The memory that this process holds, as the operating system counts it.</summary>
public static class Resident
{
    private const string ClearPeak = "5";

    /// <summary>
    /// How much more memory the process held at the worst moment of an action than before it, in bytes. What is free
    /// but was not given back is given back first, so that the action pays for all it takes; for what it needs, and not
    /// what it leaves lying about, <see cref="Memory.GiveBack"/> must have been called. None where the system does not
    /// tell: elsewhere than on Linux, or where it forbids to reset the peak.
    /// </summary>
    public static Option<long> Growth(Action act)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Trim();
        var before = Reset() ? Read("VmRSS") : None;
        act();
        return from start in before from peak in Read("VmHWM") select Math.Max(0, peak - start);
    }

    /// <summary>How much memory the machine could still give, in bytes.</summary>
    public static long Available =>
        Number(Lines("/proc/meminfo"), "MemAvailable").IfNone(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    private static bool Reset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ClearPeak);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Option<long> Read(string name) => Number(Lines("/proc/self/status"), name);

    private static Option<long> Number(string[] lines, string name) =>
        Optional(lines.FirstOrDefault(l => l.StartsWith($"{name}:", StringComparison.Ordinal)))
            .Bind(line => parseLong(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim()))
            .Map(kilobytes => 1024 * kilobytes);

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Trim()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int malloc_trim(nuint pad);
}
