using FsCheck.Xunit;

namespace Cmsa.Pickle.Tests;

[Properties(Arbitrary = [typeof(Values)], MaxTest = 200)]
public class PickleLaws
{
    [Property]
    public bool What_is_written_is_read(PickleValue value) =>
        Enum.GetValues<Encoder.Style>().All(style => Say.Read(Encoder.Encode(value, style)).Value().Equals(value));

    [Property(MaxTest = 60)]
    public bool A_part_of_a_pickle_is_an_error_and_never_an_exception(PickleValue value) =>
        Enum.GetValues<Encoder.Style>()
            .Select(style => Encoder.Encode(value, style))
            .All(pickle => Enumerable.Range(0, pickle.Length).All(length => Say.Read(pickle[..length]).IsLeft));

    [Property(MaxTest = 60)]
    public bool A_changed_byte_gives_a_value_or_an_error_and_never_an_exception(PickleValue value, int where, byte what)
    {
        var pickle = Encoder.Encode(value, Encoder.Style.Binary);
        pickle[(int)((uint)where % pickle.Length)] = what;
        var read = Say.Read(pickle);
        return read.IsRight || read.Error().ToString().Length > 0;
    }

    [Property]
    public bool Any_bytes_give_a_value_or_an_error_and_never_an_exception(byte[] bytes) =>
        Say.Read(bytes).Match(_ => bytes[^1] == '.', wrong => wrong.What.Length > 0 && wrong.Where.Length > 0);

    [Property]
    public bool What_follows_a_pickle_is_refused_and_the_first_can_be_read_alone(PickleValue value, byte[] more)
    {
        var pickle = Encoder.Encode(value, Encoder.Style.Framed);
        byte[] followed = [.. pickle, .. more];
        return PickleReader.First(followed, PickleOptions.Data) == (value, pickle.Length)
            && Say.Read(followed).IsRight == (more.Length == 0);
    }
}
