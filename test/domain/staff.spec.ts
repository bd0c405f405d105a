// Who of the staff may do what, and what lets them in.
import assert from 'node:assert/strict';
import {
  Fault,
  isRole,
  loginKey,
  looksAlike,
  may,
  PERMISSIONS,
  type Permission,
  passwordProblem,
  permissionsOf,
  ROLES,
  type StaffRole,
  staffEmail,
  staffName,
} from '@tapcase/domain';

describe('the staff’s roles', () => {
  const table: readonly [StaffRole, readonly Permission[]][] = [
    ['owner', PERMISSIONS],
    [
      'operator',
      [
        'audit.see',
        'money.see',
        'money.order',
        'reviews.decide',
        'catalog.change',
        'flows.read',
        'flows.own',
        'device.see',
        'device.order',
        'restock',
      ],
    ],
    ['technician', ['flows.read', 'device.see', 'device.order']],
    ['restocker', ['restock']],
  ];
  for (const [role, permissions] of table) {
    it(`let ${role} do this and nothing else: ${permissions.join(', ')}`, () => {
      assert.deepEqual(permissionsOf(role), permissions);
      for (const permission of PERMISSIONS) assert.equal(may(role, permission), permissions.includes(permission));
    });
  }

  it('are those in the table', () => {
    assert.deepEqual([...ROLES].sort(), table.map(([role]) => role).sort());
    assert.ok(ROLES.every(isRole));
    for (const other of ['Owner', 'admin', '', 'toString', null, 1]) assert.ok(!isRole(other));
  });
});

const code = (result: unknown) => (result instanceof Fault ? result.code : result);

describe('a name of the staff', () => {
  const table: readonly [string, string][] = [
    ['Ann', 'Ann'],
    ['  Ann   Lee ', 'Ann Lee'],
    ['Ñandú', 'Ñandú'],
    ['x'.repeat(60), 'x'.repeat(60)],
    ['x'.repeat(61), 'staff.bad-name'],
    ['', 'staff.bad-name'],
    ['   ', 'staff.bad-name'],
    ['ann@example.com', 'staff.bad-name'],
    ['Ann\u202eeel', 'staff.bad-name'],
    ['Ann\u0000', 'staff.bad-name'],
  ];
  for (const [given, expected] of table) {
    it(`${JSON.stringify(given).slice(0, 40)} is ${expected.slice(0, 40)}`, () =>
      assert.equal(code(staffName(given)), expected));
  }
  it('is the same however it is written', () => {
    assert.equal(loginKey(' ANN  Lee '), loginKey('ann lee'));
    assert.notEqual(loginKey('ann lee'), loginKey('annlee'));
  });

  it('is of one script, of letters that people write names with, and nothing of it is unseen', () => {
    for (const name of [
      ...[
        'Ñandú',
        "Sinéad O'Brien",
        'Anna-Maria',
        'J. R. Ewing',
        'Łukasz',
        'Nguyễn Thị Hợp',
        'Ələkbər',
        'Mª José',
        'Strauß',
      ],
      ...[
        'Νίκος',
        'Ольга',
        'Йван',
        'Արմեն',
        'ნინო',
        'אברהם',
        'محمد',
        'علی',
        'अमित',
        'राम',
        'தமிழ்',
        'สมชาย',
        'ለማ',
        'မောင်',
      ],
      ...['李小龙', '山田 がき', 'アン・リー', '김민수', '金 민수', 'Ann 2', 'Marcel·la'],
    ]) {
      assert.equal(code(staffName(name)), name.normalize('NFC'), name);
    }
    for (const name of [
      // Greek, of phonetics, Armenian, Cyrillic, Cherokee, Lisu, Coptic, Tifinagh: the first or last letter of each.
      ...[
        'Νina',
        'Olɡa',
        'Olgɑ',
        'Υvonne',
        'Օtto',
        'Ԍeorg',
        'Ꭱosa',
        'ꓝrank',
        'Ⲣat',
        'ⵔtto',
        'Ｏlga',
        'Οльга',
        '李 Ann',
      ],
      ...['\u3164', '\u115f', '\u1160', '\uffa0', '\u2800', '\u034f', '\ufe0f'].map((unseen) => `Olga${unseen}`),
      ...[
        'Olga\u{1d5a}',
        '\u0301lga',
        'ー\u0301',
        'Olga\u0301\u0301\u0301\u0301',
        'Olga|',
        'Olga!',
        'Olga_1',
        '...',
        '- -',
        'ǀan',
        'Ꭱꮎ',
      ],
    ]) {
      assert.equal(code(staffName(name)), 'staff.name-letters', JSON.stringify(name));
    }
    for (const name of ['Olga\u{e0001}', 'O\u00adlga']) assert.equal(code(staffName(name)), 'staff.bad-name');
  });

  it('is not to be mistaken for another: letters of other alphabets, digits, accents and gaps make no second person', () => {
    for (const [one, other] of [
      ...[
        ['Olga', '0lga'],
        ['Ian', 'lan'],
        ['Ian', '1an'],
        ['Klaus', 'K1aus'],
        ['Olivia', 'OLIVlA'],
        ['Olivia', 'OL1VIA'],
      ],
      ...[
        ['Ann Lee', 'AnnLee'],
        ['Ann Lee', 'Ann-Lee.'],
        ['José', 'Jose'],
        ['Carmen', 'Carrnen'],
        ['Tina', 'Tına'],
      ],
      ...[
        ['Ann', 'ANN'],
        ['Luis', 'LUIS'],
        ['Ali', 'ALI'],
        ['Νίνα', 'ΝΙΝΑ'],
        ['Ольга', 'ОЛЬГА'],
        ['Lukas', 'Łukas'],
      ],
      // The second ones: Cyrillic, Greek, Greek, Cyrillic, Armenian.
      ...[
        ['Payl', 'рауӏ'],
        ['Nina', 'ΝΙΝΑ'],
        ['Anna', 'ΑΝΝΑ'],
        ['Toma', 'Тома'],
        ['hugo', 'հսցօ'],
        ['علی', 'علي'],
      ],
    ] as [string, string][]) {
      assert.ok(looksAlike(one, other) && looksAlike(other, one), `${one} ${other}`);
    }
    for (const [one, other] of [
      ...[
        ['Ann', 'Anna'],
        ['Olga', 'Otto'],
        ['Tim', 'Tom'],
        ['李', '王'],
        ['...', '--'],
        ['Ann 1', 'Ann 2'],
      ],
      ...[
        ['Carl', 'Cari'],
        ['Ali', 'All'],
        ['Eli', 'Ell'],
        ['Yael', 'Yaei'],
        ['Ian Li', 'Lan Li'],
        ['Clara', 'Dara'],
      ],
      ...[
        ['राम', 'रीमा'],
        ['राधा', 'राधे'],
        ['が', 'か'],
        ['がき', 'かき'],
        ['สมชาย', 'สมชีย'],
        ['Иван', 'Ивана'],
      ],
    ] as [string, string][]) {
      assert.ok(!looksAlike(one, other) && !looksAlike(other, one), `${one} ${other}`);
    }
  });
});

describe('an address of the staff', () => {
  const table: readonly [string, string | null][] = [
    ['', null],
    [' ', null],
    [' Ann@Example.com ', 'ann@example.com'],
    ['ann', 'staff.bad-email'],
    ['a@b', 'staff.bad-email'],
    [`${'a'.repeat(65)}@example.com`, 'staff.bad-email'],
  ];
  for (const [given, expected] of table) {
    it(`${JSON.stringify(given).slice(0, 40)} is ${expected}`, () => assert.equal(code(staffEmail(given)), expected));
  }
});

describe('a password of the staff', () => {
  const person = { name: 'Ann Lee', email: 'annie.lee@example.com' };
  const table: readonly [string, string | undefined][] = [
    ['x7-kitchen-moon', undefined],
    ['correct horse battery', undefined],
    ['829374650192', undefined],
    ['¡llueve en otoño!', undefined],
    ['elevenchars', 'staff.password-short'],
    ['ab'.repeat(100), 'staff.password-weak'],
    [`k9${'long words '.repeat(18)}`, undefined],
    [`k9!${'long words '.repeat(18)}`, 'staff.password-long'],
    ['aaaaaaaaaaaa', 'staff.password-weak'],
    ['123456789012', 'staff.password-weak'],
    ['Ann Lee 2026!!', 'staff.password-weak'],
    ['annie.lee-123', 'staff.password-weak'],
    ['Password12345', 'staff.password-weak'],
    ['tapcase-tapcase', 'staff.password-weak'],
    ['contraseña-123', 'staff.password-weak'],
  ];
  for (const [password, expected] of table) {
    it(`${password.slice(0, 30)} (${password.length}) is ${expected ?? 'good'}`, () =>
      assert.equal(passwordProblem(password, person)?.code, expected));
  }
});
