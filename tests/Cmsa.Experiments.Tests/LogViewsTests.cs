using System.Globalization;
using Cmsa.Experiments.Runs;

namespace Cmsa.Experiments.Tests;

public class LogViewsTests
{
    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        // RFC 3720, appendix B.4: 32 bytes of zeros; and the check value of the catalogue of CRCs.
        Assert.Equal(0x8A9136AAu, EventFile.Crc(new byte[32]));
        Assert.Equal(0xE3069283u, EventFile.Crc("123456789"u8));
        Assert.Equal(unchecked((0xE3069283u >> 15 | 0xE3069283u << 17) + 0xA282EAD8u), EventRecord.MaskedCrc("123456789"u8));
    }

    [Fact]
    public void An_event_file_and_a_table_say_what_the_log_says_also_after_a_kill()
    {
        using var folder = new Folder();
        var log = Path.Combine(folder.Path, "log.jsonl");
        using (var first = Log.Open(log, Checkpoint.Start).Right())
        {
            first.Write(20, ("loss", 0.5), ("rate", 1e-3), ("seconds", 2.5));
            first.Write(30, ("overall_iou", 0.25), ("mean_iou", 0.125), ("seconds", 3.0));
            first.Write(40, ("loss", 9.0), ("seconds", 4.0));
            first.Write(40, ("skipped", "a picture"));
        }
        var events = Assert.Single(Directory.GetFiles(folder.Path, "events.out.tfevents.*"));
        // As a process that was killed leaves them: a frame and a row cut off.
        File.WriteAllBytes(events, File.ReadAllBytes(events)[..^5]);
        File.AppendAllText(Path.Combine(folder.Path, "log.csv"), "50,0.");
        using (var second = Log.Open(log, Checkpoint.Start with { Step = 30 }).Right())
            second.Write(40, ("loss", 0.375), ("seconds", 4.5));

        Assert.Equal(events, Assert.Single(Directory.GetFiles(folder.Path, "events.out.tfevents.*")));
        var read = EventFile.Read(events);
        Assert.Equal("brain.Event:2", read[0].Version);
        Assert.Equal([0L, 20, 30, 40], read.Select(e => e.Step));
        Assert.Equal([("train/loss", 0.5f), ("train/rate", 1e-3f), ("train/seconds", 2.5f)], read[1].Scalars);
        Assert.Equal([("validation/overall_iou", 0.25f), ("validation/mean_iou", 0.125f)], read[2].Scalars);
        Assert.Equal(("train/loss", 0.375f), read[3].Scalars[0]);
        Assert.Equal(2.5, read[1].Time - read[0].Time);

        var rows = File.ReadAllLines(Path.Combine(folder.Path, "log.csv")).Select(l => l.Split(',')).ToArray();
        Assert.Equal(["step", "20", "30", "40"], rows.Select(r => r[0]));
        Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        Assert.Equal(0.25, double.Parse(rows[2][Array.IndexOf(rows[0], "overall_iou")], CultureInfo.InvariantCulture));
    }
}
