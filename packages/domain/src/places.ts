/**
 * Places as they are called since 2025-07-01, when districts ended: 34 provinces, and the 166 communes of Thanh Hóa.
 * @see vietnamadminunits 1.0.4 (MIT, on PyPI), table `admin_units`
 */

/** Provinces and cities, without their kind. */
const provinceNames = (
  'Hà Nội|Cao Bằng|Tuyên Quang|Điện Biên|Lai Châu|Sơn La|Lào Cai|Thái Nguyên|Lạng Sơn|Quảng Ninh|Bắc Ninh|' +
  'Phú Thọ|Hải Phòng|Hưng Yên|Ninh Bình|Thanh Hóa|Nghệ An|Hà Tĩnh|Quảng Trị|Huế|Đà Nẵng|Quảng Ngãi|Gia Lai|' +
  'Khánh Hòa|Đắk Lắk|Lâm Đồng|Đồng Nai|Hồ Chí Minh|Tây Ninh|Đồng Tháp|Vĩnh Long|An Giang|Cần Thơ|Cà Mau'
).split('|');

/** The 19 wards (phường) of Thanh Hóa. */
const wardNames = (
  'Hàm Rồng|Hạc Thành|Bỉm Sơn|Quang Trung|Đông Tiến|Nguyệt Viên|Đông Sơn|Đông Quang|Nam Sầm Sơn|Quảng Phú|' +
  'Sầm Sơn|Tĩnh Gia|Ngọc Sơn|Tân Dân|Hải Lĩnh|Đào Duy Từ|Trúc Lâm|Hải Bình|Nghi Sơn'
).split('|');

/** The 147 communes (xã) of Thanh Hóa. */
const communeNames = (
  'Mường Lát|Tam Chung|Mường Lý|Trung Lý|Quang Chiểu|Pù Nhi|Nhi Sơn|Mường Chanh|Hồi Xuân|Trung Thành|' +
  'Trung Sơn|Phú Lệ|Phú Xuân|Hiền Kiệt|Nam Xuân|Thiên Phủ|Bá Thước|Điền Quang|Điền Lư|Quý Lương|Pù Luông|' +
  'Cổ Lũng|Văn Nho|Thiết Ống|Trung Hạ|Tam Thanh|Sơn Thủy|Na Mèo|Quan Sơn|Tam Lư|Sơn Điện|Mường Mìn|' +
  'Yên Khương|Yên Thắng|Giao An|Văn Phú|Linh Sơn|Đồng Lương|Ngọc Lặc|Thạch Lập|Ngọc Liên|Nguyệt Ấn|Kiên Thọ|' +
  'Minh Sơn|Cẩm Thủy|Cẩm Thạch|Cẩm Tú|Cẩm Vân|Cẩm Tân|Kim Tân|Vân Du|Thạch Quảng|Thạch Bình|Thành Vinh|' +
  'Ngọc Trạo|Hà Trung|Hà Long|Hoạt Giang|Lĩnh Toại|Tống Sơn|Vĩnh Lộc|Tây Đô|Biện Thượng|Yên Phú|Quý Lộc|' +
  'Yên Trường|Yên Ninh|Định Hòa|Định Tân|Yên Định|Thọ Xuân|Thọ Long|Xuân Hòa|Lam Sơn|Sao Vàng|Thọ Lập|' +
  'Xuân Tín|Xuân Lập|Bát Mọt|Yên Nhân|Vạn Xuân|Lương Sơn|Luận Thành|Thắng Lộc|Thường Xuân|Xuân Chinh|' +
  'Tân Thành|Triệu Sơn|Thọ Bình|Hợp Tiến|Tân Ninh|Đồng Tiến|Thọ Ngọc|Thọ Phú|An Nông|Thiệu Hóa|Thiệu Tiến|' +
  'Thiệu Quang|Thiệu Toán|Thiệu Trung|Hoằng Hóa|Hoằng Giang|Hoằng Phú|Hoằng Sơn|Hoằng Lộc|Hoằng Châu|' +
  'Hoằng Tiến|Hoằng Thanh|Hậu Lộc|Triệu Lộc|Đông Thành|Hoa Lộc|Vạn Lộc|Nga Sơn|Tân Tiến|Nga Thắng|Hồ Vương|' +
  'Nga An|Ba Đình|Như Xuân|Xuân Bình|Hóa Quỳ|Thanh Phong|Thanh Quân|Thượng Ninh|Như Thanh|Xuân Du|Mậu Lâm|' +
  'Xuân Thái|Yên Thọ|Thanh Kỳ|Nông Cống|Trung Chính|Thắng Lợi|Thăng Bình|Trường Văn|Tượng Lĩnh|Công Chính|' +
  'Lưu Vệ|Quảng Yên|Quảng Chính|Quảng Ngọc|Quảng Ninh|Quảng Bình|Tiên Trang|Các Sơn|Trường Lâm'
).split('|');

const kindOfPlace = /^(?:tỉnh|thành phố|tp\.?|phường|xã|thị trấn|đặc khu)\s+/;

/** A place's name as it is compared: composed, in lower case, without what kind of place it is. */
export function placeKey(name: string): string {
  return name.normalize('NFC').trim().toLowerCase().replace(/\s+/g, ' ').replace(kindOfPlace, '');
}

const provinces: ReadonlySet<string> = new Set(provinceNames.map(placeKey));
const wards: ReadonlySet<string> = new Set([...wardNames, ...communeNames].map(placeKey));

/** Whether a province of Viet Nam is called so. */
export function isProvince(name: string): boolean {
  return provinces.has(placeKey(name));
}

/** Whether a ward or commune of Thanh Hóa is called so; of other provinces no list is here. */
export function isWard(name: string): boolean {
  return wards.has(placeKey(name));
}

/** The communes and wards of Thanh Hóa, as they are called without their kind. */
export const thanhHoaCommunes: readonly string[] = [...wardNames, ...communeNames];
