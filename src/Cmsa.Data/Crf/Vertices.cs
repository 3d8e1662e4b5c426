using System.Runtime.Intrinsics;

namespace Cmsa.Data.Crf;

/// <summary>
/// A hash table of lattice vertices, numbered from 1 in the order of insertion; 0 is no vertex. A vertex is its first
/// coordinates, at most eight; the others are 0. (Open addressing, linear probing, at most half full.)
/// </summary>
internal sealed class Vertices
{
    private Vector128<short>[] _keys;
    private int[] _slots;
    private int _shift;

    public Vertices(int expected)
    {
        var bits = Math.Max(6, 1 + System.Numerics.BitOperations.Log2((uint)Math.Max(1, expected)));
        _slots = new int[1 << bits];
        _keys = new Vector128<short>[_slots.Length / 2 + 1];
        _shift = 64 - bits;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The coordinates of a vertex, by its number.</summary>
    public Vector128<short> this[int number] => _keys[number];

    /// <summary>The number of a vertex; 0 where it is not in the table.</summary>
    public int Find(Vector128<short> key) => _slots[Slot(key)];

    /// <summary>The number of a vertex, which is inserted where it is new.</summary>
    public int Add(Vector128<short> key)
    {
        var slot = Slot(key);
        if (_slots[slot] != 0)
            return _slots[slot];
        if (Count + 1 == _keys.Length)
        {
            Grow();
            slot = Slot(key);
        }
        _keys[++Count] = key;
        return _slots[slot] = Count;
    }

    private int Slot(Vector128<short> key)
    {
        var (slots, keys) = (_slots, _keys);
        var words = key.AsUInt64();
        // Neighbouring vertices differ a little in every coordinate; the high bits of a product depend on all of them.
        var slot = (int)((words[0] * 0x9E3779B97F4A7C15 ^ words[1]) * 0xD6E8FEB86659FD93 >> _shift);
        while (slots[slot] is var number and not 0 && keys[number] != key)
            slot = slot + 1 & slots.Length - 1;
        return slot;
    }

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        _shift--;
        Array.Resize(ref _keys, _slots.Length / 2 + 1);
        for (var number = 1; number <= Count; number++)
            _slots[Slot(_keys[number])] = number;
    }
}
